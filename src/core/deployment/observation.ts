import type { AttemptId, DeploymentName } from '../names.ts';
import type { JobSighting } from './sighting.ts';
import type { DeploymentSummary, EndpointRecord, JobEvent } from './records.ts';

/** Everything that one look at the cluster told about one deployment. Times are seconds since 1970, the cluster's clock. */
export interface Observation {
  readonly deployment: DeploymentName;
  readonly attempt: AttemptId;
  /** Undefined when the record can't be read: another version wrote it, or it is torn. */
  readonly summary: DeploymentSummary | undefined;
  /** What the submit script noted of sbatch's answer. */
  readonly submission: Submission;
  readonly sighting: JobSighting;
  /** Oldest first. */
  readonly events: readonly JobEvent[];
  readonly endpoints: readonly EndpointRecord[];
  readonly heartbeat: number | undefined;
  /** When the user asked for the end; undefined when nobody did. */
  readonly stopped: number | undefined;
}

export type Submission =
  /** No answer yet, or one that leaves open whether Slurm took the job. */
  | { readonly kind: 'pending' }
  | { readonly kind: 'accepted'; readonly job: string }
  | { readonly kind: 'refused'; readonly exitCode: number; readonly stderr: string };

/** One look at a cluster. */
export interface ClusterView {
  /** Seconds since 1970 on the login host. */
  readonly now: number;
  readonly observations: readonly Observation[];
  /** Why Slurm's own answer is missing; undefined when it answered or was not asked. */
  readonly slurmSilent: string | undefined;
}
