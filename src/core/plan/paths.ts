import type { AttemptId, DeploymentName } from '../names.ts';
import type { JobPaths } from './plan.ts';

/** Every path of a job on the cluster. `root` is absolute. */
export function jobPaths(root: string, deployment: DeploymentName, attempt: AttemptId): JobPaths {
  const base = root.replace(/\/+$/, '');
  const home = `${base}/deployments/${deployment}`;
  const job = `${home}/jobs/${attempt}`;
  return {
    root: base,
    deployment: home,
    job,
    logs: `${job}/logs`,
    events: `${job}/events`,
    endpoints: `${job}/endpoints`,
    keyFile: `${job}/key`,
  };
}
