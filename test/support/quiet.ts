import type { Log, Prompt } from '../../src/core/ports.ts';

/** A log that keeps nothing but the secrets that were to be hidden. */
export function quietLog(): Log & { readonly hidden: string[] } {
  const hidden: string[] = [];
  return {
    hidden,
    debug: () => undefined,
    warn: () => undefined,
    hide: (secret) => void hidden.push(secret),
  };
}

/** A person who answers every question from a list, and the questions that were asked. */
export function scriptedPrompt(
  answers: readonly (string | undefined)[],
): Prompt & { readonly questions: string[] } {
  const left = [...answers];
  const questions: string[] = [];
  const answer = (text: string) => {
    questions.push(text);
    if (left.length === 0) throw new Error(`nobody expected the question: ${text}`);
    return Promise.resolve(left.shift());
  };
  return {
    questions,
    line: answer,
    secret: answer,
    confirm: async (text) => (await answer(text)) === 'yes',
    choose: answer,
  };
}
