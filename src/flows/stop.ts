import { stateOf } from '../core/deployment/step.ts';
import type { Event } from '../core/event.ts';
import type { ClusterProfile } from '../core/cluster/profile.ts';
import { jobNameOf } from '../core/names.ts';
import type { Remote } from '../core/ports.ts';
import { parseSections } from '../core/remote/sections.ts';
import { slurmScript } from '../core/remote/slurm-script.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { observe, type ObservePorts } from './observe.ts';

export interface Stopped {
  readonly deployment: string;
  readonly job: string | undefined;
  /** False when it had ended before. */
  readonly wasRunning: boolean;
}

/** Seconds that a job gets to end its engines before the stop is reported as unfinished. */
const patienceSeconds = 50;

/** Ends a deployment and verifies that Slurm runs nothing of it any more. Idempotent. */
export async function* stop(
  ports: ObservePorts,
  remote: Remote,
  profile: ClusterProfile,
  deployment: string,
): AsyncGenerator<Event, Result<Stopped>> {
  yield { event: 'working', text: `looking for ${deployment}` };
  const view = await observe(ports, remote, profile, {});
  if (!view.ok) return view;
  const observation = view.value.observations.find((one) => one.deployment === deployment);
  if (observation === undefined) {
    const known = view.value.observations.map((one) => one.deployment);
    return fail({ kind: 'deployment-unknown', deployment, known });
  }
  const state = stateOf(observation, view.value.now);
  if (state.stage === 'ended') return ok({ deployment, job: state.job, wasRunning: false });

  yield { event: 'working', text: `ending ${deployment}` };
  const job = observation.submission.kind === 'accepted' ? observation.submission.job : undefined;
  const mark = `@${ports.ids.base32(12)}`;
  const { attempt } = observation;
  const jobName = jobNameOf(observation.deployment, attempt);
  const settings = {
    root: profile.root,
    mark,
    deployment,
    attempt,
    job_name: jobName,
    patience: `${patienceSeconds}`,
  };
  const what = `stop ${deployment}`;
  const text = slurmScript(ports.templates, profile.slurm.bin, settings, ['stop.sh']);
  const output = await remote.run({ what, text, timeoutMs: (patienceSeconds + 40) * 1000 });
  if (!output.ok) return output;
  const { exitCode, stdout, stderr } = output.value;
  const last = parseSections(stdout, stderr, mark).at(-1);
  switch (last?.name) {
    case 'gone':
      return ok({ deployment, job, wasRunning: true });
    case 'unanswered':
      return fail({ kind: 'slurm-unavailable', program: 'scancel and squeue', stderr });
    case 'alive':
      return fail({
        kind: 'remote-output',
        what,
        because: `job ${job ?? jobName} is still ${last.argument} ${patienceSeconds} s after it was told to end`,
        evidence: 'Slurm ends it after its KillWait; run the command again to see.',
      });
    case undefined:
    default:
      return fail({ kind: 'remote-command', what, exitCode, stderr });
  }
}
