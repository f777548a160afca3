import type { Model } from '../core/catalog/model.ts';
import { stateOf } from '../core/deployment/step.ts';
import type { Event } from '../core/event.ts';
import type { ClusterProfile } from '../core/cluster/profile.ts';
import { AttemptId } from '../core/names.ts';
import { makePlan } from '../core/plan/make-plan.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { Request } from '../core/plan/request.ts';
import type { Clock, Ids, Remote, ScriptOutput, Templates } from '../core/ports.ts';
import { parseSections } from '../core/remote/sections.ts';
import type { Bundle } from '../core/render/bundle.ts';
import { renderJob } from '../core/render/job.ts';
import { slurmScript } from '../core/remote/slurm-script.ts';
import { withSubmission } from '../core/render/submission.ts';
import { tar } from '../core/render/tar.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { parseSbatch } from '../core/slurm/sbatch-reply.ts';
import { refusal } from '../core/slurm/refusal.ts';
import { confirm } from './confirm.ts';
import { observe } from './observe.ts';
import type { Reconnect } from './session.ts';

export interface SubmitPorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly templates: Templates;
}

/** A plan and the files that carry it out. */
export interface Prepared {
  readonly plan: Plan;
  readonly bundle: Bundle;
}

/** Plans and renders a job; touches nothing. */
export function prepare(
  ports: SubmitPorts,
  profile: ClusterProfile,
  request: Request,
  model?: Model,
): Result<Prepared> {
  const attempt = AttemptId.parse(ports.ids.base32(10));
  const plan = makePlan({ request, profile, model, attempt, now: ports.clock.now() });
  if (!plan.ok) return plan;
  // 52 characters of base32 are 260 bits.
  const bundle = renderJob(plan.value, ports.templates, { apiKey: ports.ids.base32(52) });
  return ok({ plan: plan.value, bundle: withSubmission(bundle, ports.templates, plan.value.slurm.bin) });
}

/**
 * Uploads a prepared job and submits it: two round trips, one to see that the name is free and one for everything
 * else. Gives the job's id once it is certain that Slurm has accepted it.
 */
export async function* submit(
  ports: SubmitPorts,
  reconnect: Reconnect,
  profile: ClusterProfile,
  prepared: Prepared,
): AsyncGenerator<Event, Result<string>> {
  const { plan } = prepared;
  yield { event: 'working', text: `looking at ${profile.name}` };
  const remote = await reconnect();
  if (!remote.ok) return remote;
  const view = await observe(ports, remote.value, profile, { only: plan.deployment });
  if (!view.ok) return view;
  const [existing] = view.value.observations;
  if (existing !== undefined) {
    const state = stateOf(existing, view.value.now);
    if (state.stage !== 'ended') {
      return fail({ kind: 'deployment-exists', deployment: plan.deployment, state: state.stage });
    }
  }
  yield { event: 'working', text: 'uploading and submitting' };
  const sent = await send(ports, remote.value, profile, { ...prepared, previous: existing?.attempt ?? '' });
  if (!sent.ok) return sent;
  const { answer, bytes } = sent.value;
  if (answer === undefined) {
    return yield* confirm(ports, reconnect, profile, {
      plan,
      because: 'the connection ended before the answer',
    });
  }
  const { deployment, paths, jobName } = plan;
  yield { event: 'uploaded', deployment, files: prepared.bundle.files.length, bytes, path: paths.job };
  const outcome = parseSbatch(answer);
  switch (outcome.kind) {
    case 'accepted':
      yield { event: 'submitted', deployment, job: outcome.job, jobName };
      return ok(outcome.job);
    case 'uncertain':
      return yield* confirm(ports, reconnect, profile, { plan, because: outcome.because });
    case 'unavailable':
      return fail({ kind: 'slurm-unavailable', program: 'sbatch', stderr: outcome.stderr });
    case 'refused':
      return fail(refusal('sbatch', outcome));
  }
}

/** Exit codes of submit.sh where the root can't be made, is another user's, or is full. */
const cannotWrite: readonly number[] = [10, 11, 12];

interface Sent {
  /** What sbatch answered; undefined when the connection ended before. */
  readonly answer: ScriptOutput | undefined;
  readonly bytes: number;
}

/** Sends the bundle and runs its submit script, in one round trip. */
async function send(
  ports: SubmitPorts,
  remote: Remote,
  profile: ClusterProfile,
  prepared: Prepared & { readonly previous: string },
): Promise<Result<Sent>> {
  const { plan, bundle, previous } = prepared;
  const { deployment, attempt, paths } = plan;
  const archive = tar(bundle.files, Math.floor(ports.clock.now() / 1000), bundle.directories);
  const mark = `@${ports.ids.base32(12)}`;
  const settings = { root: profile.root, mark, deployment, attempt, previous };
  const files = ['say.sh', 'submit.sh', 'sbatch-once.sh'];
  const text = slurmScript(ports.templates, profile.slurm.bin, settings, files);
  const output = await remote.run({ what: 'submit the job', text, input: archive });
  if (!output.ok) return ok({ answer: undefined, bytes: archive.length });
  const { exitCode, stdout, stderr } = output.value;
  const sections = parseSections(stdout, stderr, mark);
  if (sections.some((section) => section.name === 'taken')) {
    return fail({ kind: 'deployment-exists', deployment, state: 'being submitted by another client' });
  }
  const answer = sections.find((section) => section.name === 'sbatch');
  if (answer === undefined) {
    return fail(
      cannotWrite.includes(exitCode)
        ? { kind: 'root-unusable', root: profile.root, profile: profile.name, stderr }
        : { kind: 'remote-command', what: `put the job's files into ${paths.job}`, exitCode, stderr },
    );
  }
  const status = answer.argument === '' ? 1 : Number(answer.argument);
  return ok({
    answer: { exitCode: status, stdout: answer.stdout, stderr: answer.stderr },
    bytes: archive.length,
  });
}
