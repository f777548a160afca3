import { interpretState, type JobCondition } from '../slurm/states.ts';
import type { AccountingRow } from '../slurm/sacct.ts';
import type { QueueRow } from '../slurm/squeue.ts';

/** A job as `squeue` or `sacct` shows it. Times are seconds since 1970 on the cluster's clock. */
export interface SeenJob {
  readonly job: string;
  readonly condition: JobCondition;
  /** Slurm's own word, such as `OUT_OF_MEMORY`. */
  readonly word: string;
  /** Slurm's reason as it stands, such as `QOSMaxGRESPerUser`; empty when there is none. */
  readonly reason: string;
  /** Compressed node list; empty before the start. */
  readonly nodes: string;
  /** The start; for a waiting job Slurm's estimate. */
  readonly start: number | undefined;
  /** The end; for a running job the one that its time limit sets. */
  readonly end: number | undefined;
  readonly restarts: number;
  /** What the batch script returned and the signal that ended it, where accounting tells. */
  readonly exit: { readonly code: number; readonly signal: number } | undefined;
}

/** Where a job was found, if anywhere. A missing answer is not an absence. */
export type JobSighting =
  | { readonly seen: 'queue' | 'accounting'; readonly job: SeenJob }
  /** Everything that was asked answered, and nothing knows the job. */
  | { readonly seen: 'nowhere' }
  /** squeue or sacct gave no usable answer. */
  | { readonly seen: 'unanswered'; readonly because: string }
  | { readonly seen: 'not-asked' };

export function sightedInQueue(row: QueueRow): JobSighting {
  const { id, state, reason, nodes, restarts } = row;
  const job: SeenJob = {
    job: id,
    condition: interpretState(state),
    word: state,
    reason: reason === 'None' ? '' : reason,
    nodes,
    start: row.startTime ?? undefined,
    // Without a limit squeue shows an end in some versions: one year ahead.
    end: row.timeLimitMinutes === null ? undefined : (row.endTime ?? undefined),
    restarts,
    exit: undefined,
  };
  return { seen: 'queue', job };
}

export function sightedInAccounting(row: AccountingRow): JobSighting {
  const job: SeenJob = {
    job: row.id,
    condition: interpretState(row.state),
    word: row.state,
    reason: row.reason ?? '',
    nodes: row.nodes,
    start: row.startTime ?? undefined,
    end: row.endTime ?? undefined,
    restarts: row.restarts ?? 0,
    exit: row.exit ?? undefined,
  };
  return { seen: 'accounting', job };
}
