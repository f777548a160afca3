import type { Request } from '../../core/plan/request.ts';
import type { SavedPlan } from '../../core/plan/saved-plan.ts';
import type { DeploymentState } from '../../core/deployment/state.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { lastWords } from '../../flows/last-words.ts';
import { checkPlan, loadPlan } from '../../flows/plan.ts';
import { prepare, submit, type Prepared } from '../../flows/submit.ts';
import { watch } from '../../flows/watch.ts';
import { type Connected, withCluster } from '../connected.ts';
import type { Context } from '../context.ts';
import type { Options } from '../define.ts';
import { dryRunText } from '../report/dry-run.ts';
import { eventLine } from '../report/event-line.ts';
import { reportFailure, reportFlow, writeJson } from '../report/report.ts';
import { stateSentence } from '../state-words.ts';
import { parseRequest } from '../request-options.ts';
import { styleOf } from '../style.ts';
import { parseSubmitOptions, type SubmitOptions } from '../submit-options.ts';

/** `submit <model>`: plan, upload, submit and watch until the deployment is ready. */
export async function submitCommand(
  context: Context,
  model: string | undefined,
  written: Options,
): Promise<number> {
  const json = written['json'] === true;
  const options = parseSubmitOptions(model, written);
  if (!options.ok) return reportFailure(context, options.failure, json);
  const wanted = await wantedOf(context, options.value);
  if (!wanted.ok) return reportFailure(context, wanted.failure, json);
  return withCluster(context, { cluster: wanted.value.cluster, json }, async (connected) => {
    const prepared = prepareWanted(context, connected, wanted.value);
    if (!prepared.ok) return prepared;
    if (options.value.dryRun) {
      if (json) writeJson(context, { event: 'planned', plan: prepared.value.plan });
      else context.stdout.write(dryRunText(prepared.value));
      return ok(0);
    }
    tellPlan(context, prepared.value, json);
    return carryOut(context, connected, prepared.value, options.value);
  });
}

/** What is to be served, and where; from the command line or from a plan's file. */
interface Wanted {
  readonly request: Request;
  readonly cluster: string | undefined;
  readonly saved: { readonly file: string; readonly plan: SavedPlan } | undefined;
}

async function wantedOf(context: Context, { what, cluster }: SubmitOptions): Promise<Result<Wanted>> {
  if (what.kind === 'request') return ok({ request: what.request, cluster, saved: undefined });
  const plan = await loadPlan(context.files, what.file);
  if (!plan.ok) return plan;
  const { asked, plan: saved } = plan.value;
  const request = parseRequest(asked.model, asked.options);
  if (!request.ok) return request;
  if (cluster !== undefined && cluster !== saved.cluster) {
    return fail({ kind: 'usage', message: `The plan ${what.file} is for ${saved.cluster}, not ${cluster}.` });
  }
  return ok({
    request: request.value,
    cluster: saved.cluster,
    saved: { file: what.file, plan: plan.value },
  });
}

function prepareWanted(
  context: Context,
  { profile }: Connected,
  { request, saved }: Wanted,
): Result<Prepared> {
  if (saved === undefined) return prepare(context, profile, request);
  const model = checkPlan(profile, { file: saved.file, saved: saved.plan, request });
  return model.ok ? prepare(context, profile, request, model.value) : model;
}

function tellPlan(context: Context, { plan }: Prepared, json: boolean): void {
  if (json) return writeJson(context, { event: 'planned', plan });
  const style = styleOf(context.stderr);
  const told = eventLine({ event: 'planned', plan }, 0, style).line ?? '';
  context.stderr.write(`${told}\n`);
  for (const text of plan.warnings) {
    context.stderr.write(`${eventLine({ event: 'warning', text }, 0, style).line ?? ''}\n`);
  }
}

async function carryOut(
  context: Context,
  { profile, session }: Connected,
  prepared: Prepared,
  options: SubmitOptions,
): Promise<Result<number>> {
  const { deployment } = prepared.plan;
  const job = await reportFlow(context, submit(context, session.remote, profile, prepared), options.json);
  if (!job.ok) return job;
  if (options.detach) {
    if (!options.json) context.stderr.write(`  → follow it with: hpc-serve status ${deployment} --watch\n`);
    return ok(0);
  }
  const settled = (state: DeploymentState): boolean => state.stage === 'ready' || state.stage === 'ended';
  const watching = watch(context, profile, deployment, {
    reconnect: session.remote,
    done: settled,
    signal: context.signal,
  });
  const state = await reportFlow(context, watching, options.json);
  if (!state.ok) return state;
  if (state.value.stage === 'ended') {
    const evidence = await lastWords(context.templates, session, profile, deployment);
    const because = stateSentence(state.value, 0).replace(/^job \d+: /, '');
    return fail({ kind: 'job-ended', deployment, job: job.value, because, evidence });
  }
  if (options.tunnel) {
    const { serveTunnel } = await import('./tunnel.ts');
    return serveTunnel(context, profile, { kind: 'one', deployment, port: undefined }, options.json);
  }
  if (!options.json) context.stderr.write(`  → reach it with: hpc-serve tunnel ${deployment}\n`);
  return ok(0);
}
