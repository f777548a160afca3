import type { ClusterProfile } from '../core/cluster/profile.ts';
import type { Observation } from '../core/deployment/observation.ts';
import type { DeploymentState } from '../core/deployment/state.ts';
import { stateOf } from '../core/deployment/step.ts';
import type { Remote } from '../core/ports.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { observe, type ObservePorts } from './observe.ts';

export interface StatusRow {
  readonly observation: Observation;
  readonly state: DeploymentState;
}

export interface Status {
  /** Seconds since 1970 on the cluster's clock. */
  readonly now: number;
  /** By name. */
  readonly rows: readonly StatusRow[];
  /** Why Slurm's word is missing; undefined when it answered. */
  readonly slurmSilent: string | undefined;
}

/** The state of every deployment, or of the one called `name`. One round trip. */
export async function statusRows(
  ports: ObservePorts,
  remote: Remote,
  profile: ClusterProfile,
  name: string | undefined,
): Promise<Result<Status>> {
  const view = await observe(ports, remote, profile);
  if (!view.ok) return view;
  const { now, observations, slurmSilent } = view.value;
  const wanted = observations.filter((one) => name === undefined || one.deployment === name);
  if (name !== undefined && wanted.length === 0) {
    return fail({
      kind: 'deployment-unknown',
      deployment: name,
      known: observations.map((one) => one.deployment),
    });
  }
  const rows = wanted
    .map((observation) => ({ observation, state: stateOf(observation, now) }))
    .sort((a, b) => a.observation.deployment.localeCompare(b.observation.deployment));
  return ok({ now, rows, slurmSilent });
}
