import { explainLimit } from './limit-reasons.ts';
import { type Answer, type ErrorText, requestErrors, type Retry } from './request-errors.ts';
import { systemErrors } from './system-errors.ts';

/** What an error of a Slurm program means. */
export interface ErrorExplanation {
  readonly meaning: string;
  readonly cure: string;
  readonly retry: Retry;
  readonly answer: Answer;
}

const errors: readonly ErrorText[] = [...requestErrors, ...systemErrors];

/** A program prints little; a site's wrapper may print much. */
const LONGEST = 65_536;
const policyWord = /\b((?:Assoc|QOS|Max)[A-Za-z]{3,60})\b/g;

/** Explains what a Slurm program wrote to stderr, by the longest known text in it; undefined when there is none. */
export function explainError(stderr: string): ErrorExplanation | undefined {
  const text = stderr.slice(-LONGEST).toLowerCase();
  let best: ErrorText | undefined;
  for (const candidate of errors) {
    if (candidate[0].length > (best?.[0].length ?? 0) && text.includes(candidate[0].toLowerCase()))
      best = candidate;
  }
  if (best === undefined) return undefined;
  const [fragment, retry, meaning, cure, answer = 'given'] = best;
  const limit = fragment.startsWith('Job violates accounting') ? limitIn(stderr.slice(-LONGEST)) : undefined;
  return { meaning, cure, retry, answer, ...limit };
}

/** sbatch names the limit on a line before it says that a policy was violated. */
function limitIn(stderr: string): Pick<ErrorExplanation, 'meaning' | 'cure' | 'retry'> | undefined {
  for (const [, word = ''] of stderr.matchAll(policyWord)) {
    const limit = explainLimit(word);
    if (limit === undefined) continue;
    const [kind, meaning, cure] = limit;
    return { meaning, cure, retry: kind === 'never' ? 'never' : 'wait' };
  }
  return undefined;
}
