import { stateOf } from '../core/deployment/step.ts';
import type { Event } from '../core/event.ts';
import type { ClusterProfile } from '../core/cluster/profile.ts';
import type { Failure } from '../core/failure.ts';
import { AttemptId } from '../core/names.ts';
import { makePlan } from '../core/plan/make-plan.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { Request } from '../core/plan/request.ts';
import type { Clock, Ids, Remote, Templates } from '../core/ports.ts';
import { parseSections } from '../core/remote/sections.ts';
import type { Bundle } from '../core/render/bundle.ts';
import { renderJob } from '../core/render/job.ts';
import { preamble } from '../core/remote/preamble.ts';
import { withSubmission } from '../core/render/submission.ts';
import { tar } from '../core/render/tar.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { parseSbatch, type SbatchReply } from '../core/slurm/sbatch-reply.ts';
import { observe } from './observe.ts';

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
export function prepare(ports: SubmitPorts, profile: ClusterProfile, request: Request): Result<Prepared> {
  const attempt = AttemptId.parse(ports.ids.base32(10));
  const plan = makePlan({ request, profile, attempt, now: ports.clock.now() });
  if (!plan.ok) return plan;
  // 52 characters of base32 are 260 bits.
  const bundle = renderJob(plan.value, ports.templates, { apiKey: ports.ids.base32(52) });
  return ok({ plan: plan.value, bundle: withSubmission(bundle, ports.templates) });
}

/**
 * Uploads a prepared job and submits it: two round trips, one to see that the name is free and one for everything
 * else. Gives the job's id once Slurm has accepted it.
 */
export async function* submit(
  ports: SubmitPorts,
  remote: Remote,
  profile: ClusterProfile,
  prepared: Prepared,
): AsyncGenerator<Event, Result<string>> {
  const { plan, bundle } = prepared;
  yield { event: 'working', text: `looking at ${profile.name}` };
  const view = await observe(ports, remote, profile, { only: plan.deployment });
  if (!view.ok) return view;
  const [existing] = view.value.observations;
  if (existing !== undefined) {
    const state = stateOf(existing, view.value.now);
    if (state.stage !== 'ended') {
      return fail({ kind: 'deployment-exists', deployment: plan.deployment, state: state.stage });
    }
  }

  yield { event: 'working', text: 'uploading and submitting' };
  const archive = tar(bundle.files, Math.floor(ports.clock.now() / 1000), bundle.directories);
  const mark = `@${ports.ids.base32(12)}`;
  const previous = existing?.attempt ?? '';
  const settings = { root: profile.root, mark, deployment: plan.deployment, attempt: plan.attempt, previous };
  const output = await remote.run({
    what: 'submit the job',
    text: preamble(settings) + ports.templates.read('remote/submit.sh'),
    input: archive,
  });
  if (!output.ok) {
    return fail({
      kind: 'submit-uncertain',
      deployment: plan.deployment,
      jobName: plan.jobName,
      because: `the connection ended while the job was being submitted (${output.failure.kind})`,
    });
  }
  const { exitCode, stdout, stderr } = output.value;
  const sections = parseSections(stdout, stderr, mark);
  if (sections.some((section) => section.name === 'taken')) {
    return fail({
      kind: 'deployment-exists',
      deployment: plan.deployment,
      state: 'being submitted by another client',
    });
  }
  const answer = sections.find((section) => section.name === 'sbatch');
  if (answer === undefined) {
    return fail({
      kind: 'remote-command',
      what: `put the job's files into ${plan.paths.job}`,
      exitCode,
      stderr,
    });
  }
  yield {
    event: 'uploaded',
    deployment: plan.deployment,
    files: bundle.files.length,
    bytes: archive.length,
    path: plan.paths.job,
  };
  return yield* accepted(plan, answer);
}

async function* accepted(
  plan: Plan,
  answer: { readonly argument: string; readonly stdout: string; readonly stderr: string },
): AsyncGenerator<Event, Result<string>> {
  const outcome = parseSbatch({
    exitCode: answer.argument === '' ? 1 : Number(answer.argument),
    stdout: answer.stdout,
    stderr: answer.stderr,
  });
  switch (outcome.kind) {
    case 'accepted':
      yield { event: 'submitted', deployment: plan.deployment, job: outcome.job, jobName: plan.jobName };
      return ok(outcome.job);
    case 'uncertain':
      return fail({
        kind: 'submit-uncertain',
        deployment: plan.deployment,
        jobName: plan.jobName,
        because: outcome.because,
      });
    case 'unavailable':
      return fail({ kind: 'slurm-unavailable', program: 'sbatch', stderr: outcome.stderr });
    case 'refused':
      return fail(refusal(outcome));
  }
}

function refusal(outcome: Extract<SbatchReply, { kind: 'refused' }>): Failure {
  const { exitCode, stderr, explained } = outcome;
  const words = explained === undefined ? {} : { meaning: explained.meaning, cure: explained.cure };
  return { kind: 'slurm-refused', program: 'sbatch', exitCode, stderr, ...words };
}
