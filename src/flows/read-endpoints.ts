import type { ClusterProfile } from '../core/cluster/profile.ts';
import type { EndpointRecord } from '../core/deployment/records.ts';
import type { DeploymentState } from '../core/deployment/state.ts';
import { stateOf } from '../core/deployment/step.ts';
import { jobPaths } from '../core/plan/paths.ts';
import type { Remote } from '../core/ports.ts';
import { ok, type Result } from '../core/result.ts';
import type { DeploymentEndpoints } from '../core/tunnel/event.ts';
import { observe, type ObservePorts } from './observe.ts';

/**
 * The endpoints of every deployment, as a tunnel wants them. Where Slurm does not answer, the registered endpoints stay:
 * whether they still answer is found out by connecting to them.
 */
export async function readEndpoints(
  ports: ObservePorts,
  remote: Remote,
  profile: ClusterProfile,
): Promise<Result<readonly DeploymentEndpoints[]>> {
  const view = await observe(ports, remote, profile);
  if (!view.ok) return view;
  return ok(
    view.value.observations.map((observation) => {
      const { deployment, attempt, summary } = observation;
      const state = stateOf(observation, view.value.now);
      return {
        deployment,
        servedName: summary?.servedName ?? deployment,
        endpoints: endpointsIn(state),
        keyFile: jobPaths(profile.root, deployment, attempt).keyFile,
        state: state.stage,
      };
    }),
  );
}

/** The endpoints that requests may go to. */
function endpointsIn(state: DeploymentState): readonly EndpointRecord[] {
  switch (state.stage) {
    case 'loading':
    case 'ready':
    case 'draining':
    case 'unknown':
      return state.endpoints;
    case 'submitting':
    case 'queued':
    case 'starting':
    case 'paused':
    case 'ended':
      return [];
  }
}
