import type { DeploymentState } from '../../core/deployment/state.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { lastWords } from '../../flows/last-words.ts';
import { prepare, submit, type Prepared } from '../../flows/submit.ts';
import { watch } from '../../flows/watch.ts';
import { type Connected, withCluster } from '../connected.ts';
import type { Context } from '../context.ts';
import type { Options } from '../define.ts';
import { dryRunText } from '../report/dry-run.ts';
import { eventLine } from '../report/event-line.ts';
import { reportFailure, reportFlow, writeJson } from '../report/report.ts';
import { stateSentence } from '../state-words.ts';
import { styleOf } from '../style.ts';
import { parseSubmitOptions, type SubmitOptions } from '../submit-options.ts';

/** `submit <model>`: plan, upload, submit and watch until the deployment is ready. */
export async function submitCommand(context: Context, model: string, written: Options): Promise<number> {
  const options = parseSubmitOptions(model, written);
  if (!options.ok) return reportFailure(context, options.failure, written['json'] === true);
  return withCluster(context, options.value, async (connected) => {
    const prepared = prepare(context, connected.profile, options.value.request);
    if (!prepared.ok) return prepared;
    if (options.value.dryRun) {
      if (options.value.json) writeJson(context, { event: 'planned', plan: prepared.value.plan });
      else context.stdout.write(dryRunText(prepared.value));
      return ok(0);
    }
    tellPlan(context, prepared.value, options.value.json);
    return carryOut(context, connected, prepared.value, options.value);
  });
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
