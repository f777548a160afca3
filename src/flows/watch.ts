import { nextLook } from '../core/deployment/cadence.ts';
import type { ClusterView, Observation } from '../core/deployment/observation.ts';
import type { JobSighting } from '../core/deployment/sighting.ts';
import type { DeploymentState } from '../core/deployment/state.ts';
import { stateOf } from '../core/deployment/step.ts';
import type { Event } from '../core/event.ts';
import type { ClusterProfile } from '../core/cluster/profile.ts';
import type { Clock } from '../core/ports.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { observe, type ObservePorts } from './observe.ts';
import type { Reconnect } from './session.ts';

export interface WatchPorts extends ObservePorts {
  readonly clock: Clock;
}

/** Milliseconds after which a watch that can't reach the cluster gives up. */
const giveUpMs = 10 * 60_000;

/**
 * Watches one deployment and yields every transition, until `done` says that the state is what was waited for.
 * A lost connection is opened again; the job is not touched by any of this.
 */
export async function* watch(
  ports: WatchPorts,
  profile: ClusterProfile,
  deployment: string,
  options: { reconnect: Reconnect; done: (state: DeploymentState) => boolean; signal: AbortSignal },
): AsyncGenerator<Event, Result<DeploymentState>> {
  const began = ports.clock.monotonic();
  let askedAt = -Infinity;
  let askSlurm = true;
  let sighting: JobSighting = { seen: 'not-asked' };
  let shown = '';
  let silentSince: number | undefined;
  for (let looks = 0; !options.signal.aborted; looks += 1) {
    const view = await look(ports, profile, deployment, { reconnect: options.reconnect, askSlurm });
    if (!view.ok) {
      silentSince ??= ports.clock.monotonic();
      if (!isPassing(view.failure.kind) || ports.clock.monotonic() - silentSince > giveUpMs) return view;
      yield {
        event: 'working',
        text: 'no connection to the cluster; trying again, the job is not touched by this',
      };
      await ports.clock.sleep(3000, options.signal);
      continue;
    }
    silentSince = undefined;
    if (askSlurm) askedAt = ports.clock.monotonic();
    const [observation] = view.value.observations;
    if (observation === undefined) return fail({ kind: 'deployment-unknown', deployment });
    if (askSlurm) sighting = observation.sighting;
    const state = stateOf({ ...observation, sighting }, view.value.now);
    const key = transitionKey(state);
    if (key !== shown) {
      shown = key;
      yield { event: 'state', deployment, state, elapsedSeconds: (ports.clock.monotonic() - began) / 1000 };
    }
    if (options.done(state)) return ok(state);
    const next = nextLook(state.stage, looks, ports.clock.monotonic() - askedAt);
    askSlurm = next.askSlurm || needsSlurm(observation);
    await ports.clock.sleep(next.afterMs, options.signal);
  }
  return fail({ kind: 'interrupted', still: `The job goes on: \`hpc-serve status ${deployment}\`.` });
}

async function look(
  ports: WatchPorts,
  profile: ClusterProfile,
  deployment: string,
  options: { reconnect: Reconnect; askSlurm: boolean },
): Promise<Result<ClusterView>> {
  const remote = await options.reconnect();
  if (!remote.ok) return remote;
  return observe(ports, remote.value, profile, { only: deployment, askSlurm: options.askSlurm });
}

/** When the job's own records speak of an end, Slurm's word is wanted at once. */
function needsSlurm(observation: Observation): boolean {
  return observation.events.at(-1)?.stage === 'ended';
}

function isPassing(kind: string): boolean {
  return kind === 'connection-lost' || kind === 'unreachable' || kind === 'remote-output';
}

/** What has to change for a state to be told again. */
function transitionKey(state: DeploymentState): string {
  switch (state.stage) {
    case 'queued':
      return `queued ${state.job} ${state.reason} ${state.restarts}`;
    case 'loading':
    case 'ready':
    case 'draining':
      return `${state.stage} ${state.endpoints.length}`;
    case 'submitting':
    case 'starting':
    case 'paused':
    case 'ended':
    case 'unknown':
      return state.stage;
  }
}
