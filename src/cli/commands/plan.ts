import type { Failure } from '../../core/failure.ts';
import { exitCodeOf } from '../../core/failure.ts';
import { commandOf } from '../../core/plan/command.ts';
import type { Plan, PlanOutline } from '../../core/plan/plan.ts';
import type { Request } from '../../core/plan/request.ts';
import { writeSavedPlan } from '../../core/plan/saved-plan.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { loadProfile } from '../../flows/load-profile.ts';
import { compareStarts } from '../../flows/compare.ts';
import {
  planCluster,
  planHardware,
  readModelConfig,
  type GivenModel,
  type Planned,
  planPlaces,
} from '../../flows/plan.ts';
import { withCluster } from '../connected.ts';
import type { Context } from '../context.ts';
import type { Options } from '../define.ts';
import { clusterAndJson } from '../options.ts';
import { compareText } from '../report/compare.ts';
import { planText } from '../report/plan.ts';
import { reportFailure, writeJson } from '../report/report.ts';
import { parseRequest } from '../request-options.ts';
import { styleOf } from '../style.ts';

/** What `plan` was asked: the request, and the options as they were written. */
interface Asked {
  readonly request: Request;
  readonly written: Options;
  readonly given: GivenModel | undefined;
}

/** `plan <model>`: what would be decided, and what to expect of it. Touches nothing. */
export async function planCommand(context: Context, model: string, written: Options): Promise<number> {
  const { json } = clusterAndJson(written);
  if (written['compare'] === true) return compare(context, model, written);
  const planned = await plan(context, model, written);
  if (!planned.ok) return refuse(context, planned.failure, json);
  const { value } = planned;
  if (json) writeJson(context, value.plan);
  else context.stdout.write(planText(value.plan, value.next, styleOf(context.stdout)));
  return 0;
}

/** `plan --compare`: the best places with Slurm's own expectation of when they start. */
async function compare(context: Context, model: string, written: Options): Promise<number> {
  const { json } = clusterAndJson(written);
  const asked = await askedOf(context, model, written);
  if (!asked.ok) return reportFailure(context, asked.failure, json);
  const { request, given } = asked.value;
  if (written['gpu'] !== undefined) {
    const message = 'Only a cluster can be asked when a job would start: --compare goes without --gpu.';
    return reportFailure(context, { kind: 'usage', message }, json);
  }
  return withCluster(context, clusterAndJson(written), async ({ profile, session }) => {
    const plans = planPlaces(context, profile, request, given);
    if (!plans.ok) return ok(refuse(context, plans.failure, json));
    const starts = await compareStarts(context, session.remote, profile, plans.value);
    if (!starts.ok) return starts;
    if (json) writeJson(context, { candidates: starts.value });
    else context.stdout.write(compareText(starts.value));
    return ok(0);
  });
}

async function askedOf(context: Context, model: string, written: Options): Promise<Result<Asked>> {
  const request = parseRequest(model, written);
  if (!request.ok) return request;
  const file = written['modelConfig'];
  const given = typeof file === 'string' ? await readModelConfig(context.files, model, file) : ok(undefined);
  return given.ok ? ok({ request: request.value, written, given: given.value }) : given;
}

/** A plan, and the command that comes after it. */
interface Answer {
  readonly plan: PlanOutline | Plan;
  readonly next: string | undefined;
}

async function plan(context: Context, model: string, written: Options): Promise<Result<Answer>> {
  const parsed = await askedOf(context, model, written);
  if (!parsed.ok) return parsed;
  const asked = parsed.value;
  const gpu = written['gpu'];
  if (typeof gpu !== 'string') return planHere(context, asked);
  if (written['save'] !== undefined) {
    return fail({
      kind: 'usage',
      message: 'Only a plan for a cluster can be saved: --save goes without --gpu.',
    });
  }
  const perNode = written['gpusPerNode'];
  const hardware = { gpu, gpusPerNode: typeof perNode === 'number' ? perNode : 8 };
  const outline = planHardware(asked.request, hardware, asked.given);
  return outline.ok ? ok({ plan: outline.value, next: undefined }) : outline;
}

async function planHere(context: Context, asked: Asked): Promise<Result<Answer>> {
  const { request, written, given } = asked;
  const profile = await loadProfile(context, clusterAndJson(written).cluster);
  if (!profile.ok) return profile;
  const planned = planCluster(context, profile.value, request, given);
  if (!planned.ok) return planned;
  const saved = await save(context, asked, planned.value);
  if (!saved.ok) return saved;
  const { kind, plan: shown } = planned.value;
  const where = [['--cluster', profile.value.name]] as const;
  const next =
    saved.value === undefined
      ? given === undefined
        ? commandOf('submit', request, where)
        : undefined
      : `hpc-serve submit --plan ${saved.value}`;
  return ok({ plan: shown, next: kind === 'plan' ? next : undefined });
}

/** Options that say what to do with a plan; the others decide it. */
const aboutTheAnswer = new Set(['save', 'json', 'compare', 'modelConfig']);

/** Writes the plan where --save says; gives the path. */
async function save(context: Context, asked: Asked, planned: Planned): Promise<Result<string | undefined>> {
  const path = asked.written['save'];
  if (typeof path !== 'string') return ok(undefined);
  if (planned.kind === 'outline') {
    return fail({
      kind: 'usage',
      message: 'This plan can not be submitted, so that it is not saved.',
      ...(planned.plan.warnings[0] === undefined ? {} : { hint: planned.plan.warnings[0] }),
    });
  }
  const options = Object.fromEntries(
    Object.entries(asked.written).filter(([option]) => !aboutTheAnswer.has(option)),
  );
  const text = writeSavedPlan({
    format: 1,
    asked: { model: asked.request.model, options },
    modelConfig: asked.given?.text ?? null,
    plan: { ...planned.plan },
  });
  const written = await context.files.write(path, text);
  return written.ok ? ok(path) : written;
}

/** A refusal is an answer too: with `--json` it has its own shape. */
function refuse(context: Context, failure: Failure, json: boolean): number {
  if (!json || failure.kind !== 'plan-impossible') return reportFailure(context, failure, json);
  const { because, reasons, alternatives } = failure;
  writeJson(context, { refused: true, because: [because, ...reasons].join(' '), reasons, alternatives });
  return exitCodeOf(failure);
}
