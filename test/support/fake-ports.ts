import type { Clock, Ids, Remote, Script, ScriptOutput } from '../../src/core/ports.ts';
import { fail, ok, type Result } from '../../src/core/result.ts';

/** A clock that stands still but for `sleep`, which passes at once. */
export function aClock(start = 1_800_000_000_000): Clock & { slept(): number } {
  let passed = 0;
  return {
    now: () => start + passed,
    monotonic: () => passed,
    sleep(ms) {
      passed += ms;
      return Promise.resolve();
    },
    slept: () => passed,
  };
}

/** Ids that count: `aaaa`, `aaab`, … */
export function someIds(): Ids {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  let next = 0;
  return {
    base32(length) {
      let rest = next++;
      const characters = Array.from({ length }, () => {
        const character = alphabet.charAt(rest % 32);
        rest = Math.floor(rest / 32);
        return character;
      });
      return characters.reverse().join('');
    },
  };
}

/** A login host whose answers the test decides; it counts the round trips. */
export function aRemote(
  answer: (script: Script) => Partial<ScriptOutput> | 'lost',
): Remote & { readonly scripts: Script[] } {
  const scripts: Script[] = [];
  return {
    host: 'login',
    scripts,
    run(script): Promise<Result<ScriptOutput>> {
      scripts.push(script);
      const output = answer(script);
      return Promise.resolve(
        output === 'lost'
          ? fail({ kind: 'connection-lost', host: 'login', because: 'reset' })
          : ok({ exitCode: 0, stdout: '', stderr: '', ...output }),
      );
    },
    follow() {
      throw new Error('nothing is followed here');
    },
    forward() {
      throw new Error('nothing is forwarded here');
    },
    lost: new Promise(() => undefined),
    close: () => Promise.resolve(),
  };
}

/** The value of a variable that a script begins with. */
export function settingOf(script: Script, name: string): string {
  return new RegExp(`^${name}='?([^'\\n]*)`, 'm').exec(script.text)?.[1] ?? '';
}

/** Runs a flow to its end: what it yielded, and what it gave. */
export async function drain<E, T>(
  flow: AsyncGenerator<E, T>,
): Promise<{ readonly events: readonly E[]; readonly value: T }> {
  const events: E[] = [];
  for (;;) {
    const step = await flow.next();
    if (step.done === true) return { events, value: step.value };
    events.push(step.value);
  }
}
