/** What a Slurm job is doing, in our words; `states.ts` maps Slurm's 29 words to them. */
export type JobPhase =
  /** Waits for its turn. */
  | 'queued'
  /** Waits until somebody releases it. */
  | 'held'
  /** Its nodes boot or are configured. */
  | 'configuring'
  | 'running'
  /** Suspended or stopped: its ports may accept connections, but nothing answers. */
  | 'paused'
  /** Its processes are being ended. */
  | 'completing'
  | 'ended'
  /** A word that this version does not know. Never taken for an end. */
  | 'unknown';

/** A job as `squeue` or `sacct` shows it. Times are seconds since 1970 on the cluster's clock. */
export interface SeenJob {
  readonly job: string;
  readonly phase: JobPhase;
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
  /** `exit:signal`, where accounting tells. */
  readonly exitCode: string | undefined;
}

/** Where a job was found, if anywhere. A missing answer is not an absence. */
export type JobSighting =
  | { readonly seen: 'queue' | 'accounting'; readonly job: SeenJob }
  /** Everything that was asked answered, and nothing knows the job. */
  | { readonly seen: 'nowhere' }
  /** squeue or sacct gave no usable answer. */
  | { readonly seen: 'unanswered'; readonly because: string }
  | { readonly seen: 'not-asked' };
