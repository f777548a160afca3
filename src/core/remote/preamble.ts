import { sh } from '../render/quote.ts';

/** Shell assignments that go before a remote script: the only way in which values reach it. */
export function preamble(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${sh(value)}\n`)
    .join('');
}
