import type { EndCause as JobEndCause } from '../slurm/states.ts';
import type { EndpointRecord } from './records.ts';

/** What a deployment is doing. Each state carries only what is true in it. Times are seconds since 1970, cluster clock. */
export type DeploymentState =
  /** The bundle is on the cluster; sbatch has not answered yet. */
  | { readonly stage: 'submitting' }
  | {
      readonly stage: 'queued';
      readonly job: string;
      /** Slurm's reason as it stands. */
      readonly reason: string;
      readonly held: boolean;
      readonly startEstimate: number | undefined;
      /** How often it has started before. */
      readonly restarts: number;
    }
  /** The job has nodes; its engines are not running yet. */
  | {
      readonly stage: 'starting';
      readonly job: string;
      readonly nodes: string;
      readonly since: number | undefined;
    }
  | ({ readonly stage: 'loading' } & Serving)
  /** At least one replica answers, and none is still on its first start. */
  | ({ readonly stage: 'ready' } & Serving)
  /** The end is near: no new requests should be sent here. */
  | ({ readonly stage: 'draining' } & Serving)
  /** Suspended by Slurm. */
  | { readonly stage: 'paused'; readonly job: string; readonly word: string; readonly nodes: string }
  | {
      readonly stage: 'ended';
      readonly job: string | undefined;
      readonly cause: EndCause;
      /** Slurm's word or sbatch's message, as it stands. */
      readonly detail: string;
      readonly at: number | undefined;
    }
  /** No evidence of an end, and none of life: what was known last stays on the cluster. */
  | {
      readonly stage: 'unknown';
      readonly job: string | undefined;
      readonly because: string;
      /** Endpoints that were registered; they may still answer. */
      readonly endpoints: readonly EndpointRecord[];
    };

export interface Serving {
  readonly job: string;
  readonly nodes: string;
  readonly since: number | undefined;
  /** When the time limit ends the job; undefined without a limit. */
  readonly end: number | undefined;
  /** Of the job's present start only; the oldest replica first. */
  readonly endpoints: readonly EndpointRecord[];
  /** Replicas that the plan asks for. */
  readonly of: number;
}

export type EndCause =
  | JobEndCause
  /** sbatch refused it. */
  | 'refused'
  /** The user asked for it. */
  | 'stopped'
  | 'preempted'
  /** Slurm knows the job no more, and it has written no end of its own. */
  | 'lost';

export type Stage = DeploymentState['stage'];
