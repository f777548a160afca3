import type { Failure } from '../failure.ts';
import { explainError } from './errors.ts';

/** What a Slurm program refused, with its meaning and its cure where the text is known. */
export function refusal(
  program: string,
  reply: { readonly exitCode: number; readonly stderr: string },
): Failure {
  const { exitCode, stderr } = reply;
  const explained = explainError(stderr);
  const words = explained === undefined ? {} : { meaning: explained.meaning, cure: explained.cure };
  return { kind: 'slurm-refused', program, exitCode, stderr, ...words };
}
