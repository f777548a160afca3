import type { Stage } from './state.ts';

/** When to look at the cluster next, and whether to ask Slurm or only to read the job's records. */
export interface NextLook {
  readonly afterMs: number;
  readonly askSlurm: boolean;
}

/** Slurm is asked at most this often while a person waits. */
const slurmEveryMs = 5000;
/** The first looks come quicker: most refusals and most starts show within seconds. */
const eagerLooks = 3;

/**
 * The next look while a person waits for a deployment: records every second once the job has nodes, Slurm every
 * five seconds, and both a little sooner at the start.
 */
export function nextLook(stage: Stage, looks: number, sinceSlurmMs: number): NextLook {
  if (looks < eagerLooks) return { afterMs: 1000, askSlurm: true };
  if (stage === 'starting' || stage === 'loading' || stage === 'draining') {
    return { afterMs: 1000, askSlurm: sinceSlurmMs + 1000 >= slurmEveryMs };
  }
  return { afterMs: slurmEveryMs, askSlurm: true };
}
