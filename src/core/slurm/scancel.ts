import type { ScriptOutput } from '../ports.ts';
import { type ErrorExplanation, explainError } from './errors.ts';

/**
 * The arguments of scancel for one job. With a name, Slurm cancels the job only if it still has that name: job ids are
 * used again after some years, or after a reset of the controller.
 */
export function scancelArguments(job: string, jobName?: string): readonly string[] {
  return [...(jobName === undefined ? [] : [`--name=${jobName}`]), job];
}

/** What became of a cancellation. */
export type ScancelReply =
  /** The request was taken, or there was nothing left to cancel. */
  | { readonly kind: 'done' }
  | {
      readonly kind: 'failed';
      readonly exitCode: number;
      readonly stderr: string;
      readonly explained: ErrorExplanation | undefined;
    };

/** Cancelling what is gone is a success; that the job is really gone has to be seen in squeue. */
export function parseScancel(output: ScriptOutput): ScancelReply {
  const { exitCode, stderr } = output;
  if (exitCode === 0) return { kind: 'done' };
  if (/Invalid job id specified|already completing or completed/i.test(stderr)) return { kind: 'done' };
  return { kind: 'failed', exitCode, stderr, explained: explainError(stderr) };
}
