import type { Gpu } from '../catalog/gpu.ts';
import type { Model } from '../catalog/model.ts';
import type { PlanningEngine } from '../engines/engine.ts';
import type { ClusterProfile } from '../cluster/profile.ts';
import type { Failure } from '../failure.ts';
import { withPrecision } from '../catalog/make-model.ts';
import { fail, ok, type Result } from '../result.ts';
import { alternatives } from './alternatives.ts';
import { commandOf } from './command.ts';
import { layoutDecisions, layoutWarnings } from './explain-layout.ts';
import { noPlace } from './no-place.ts';
import { kvBytesPerToken } from './memory.ts';
import { placements, type PlacementQuestion } from './placement.ts';
import type { Hardware } from './parallelism.ts';
import type { PlanOutline } from './plan.ts';
import type { Request } from './request.ts';
import { asked, search, type Layout, type SearchQuestion } from './search.ts';
import { band } from './throughput.ts';
import { chooseWalltime } from './walltime.ts';

/** A layout of a model under an engine, and how long its job may run. */
export interface Outlined {
  readonly model: Model;
  readonly engine: PlanningEngine;
  readonly version: string | null;
  readonly layout: Layout;
  /** Minutes; 0 where nothing limits it. */
  readonly minutes: number;
}

type Figures = Pick<
  PlanOutline,
  'precision' | 'parallelism' | 'memory' | 'capacity' | 'traffic' | 'prediction' | 'cost'
>;

/** The figures of a plan. */
export function figuresOf(outlined: Outlined, request: Request): Figures {
  const { model, engine, layout, minutes } = outlined;
  const { replicas, rates, load } = layout;
  const { inputTokens, outputTokens } = asked(request).traffic;
  const gpus = replicas * layout.gpus;
  const perSecond = rates.tokensPerSecond * replicas;
  return {
    precision: { weights: model.precision, kvCache: load.kvCache === 'fp8' ? 'fp8' : 'bf16' },
    parallelism: { ...layout.sharding, replicas },
    memory: layout.memory,
    capacity: layout.capacity,
    traffic: { concurrency: layout.concurrency, inputTokens, outputTokens },
    prediction: {
      outputTokensPerSecond: band(perSecond, model, engine.name),
      perTokenLatencyMs: band(rates.tokenSeconds * 1000, model, engine.name),
    },
    cost: {
      gpuHours: (gpus * minutes) / 60,
      gpuHoursPerMillionTokens: (gpus * 1e6) / (perSecond * 3600),
    },
  };
}

/** What is known of a model for every plan. */
export function modelFigures(model: Model): PlanOutline['model'] {
  return {
    name: model.name,
    huggingFaceId: model.huggingFaceId,
    parameters: model.parameters,
    kvBytesPerToken: kvBytesPerToken(model),
  };
}

/** A question without a cluster: which model, under which engine, on which hardware. */
export interface OutlineInput {
  readonly request: Request;
  readonly model: Model;
  readonly engine: PlanningEngine;
  readonly hardware: Hardware;
}

function questionOf({
  request,
  model: named,
  engine,
}: Pick<OutlineInput, 'request' | 'model' | 'engine'>): SearchQuestion {
  const version = request.engineVersion ?? null;
  const model = request.precision === undefined ? named : withPrecision(named, request.precision);
  return { model, engine, version, gpus: request.gpus, acrossNodes: true, ...asked(request) };
}

/** Plans for hardware alone, without a cluster; or says why it can't be and what could. */
export function outline(input: OutlineInput): Result<PlanOutline> {
  const { request, engine, hardware } = input;
  const question = questionOf(input);
  const { model } = question;
  const { layouts, reasons } = search(question, hardware);
  const [layout, ...others] = layouts;
  if (layout === undefined) {
    const tryOut = (changed: Request) =>
      search({ ...questionOf({ ...input, request: changed }) }, hardware).layouts[0];
    return fail({
      kind: 'plan-impossible',
      because: `${model.name} can't be served so.`,
      reasons,
      alternatives: alternatives(request, tryOut, (changed) => commandFor(changed, hardware)),
    });
  }
  const time = chooseWalltime(request.timeMinutes, undefined, []);
  const outlined = { model, engine, version: question.version, layout, minutes: time.ok ? time.minutes : 0 };
  const { nodes, gpusPerNode } = layout.arrangement;
  return ok({
    cluster: null,
    model: modelFigures(model),
    engine: { name: engine.name, version: question.version },
    placement: { partition: null, nodes, gpusPerNode, gpu: hardware.gpu.id },
    ...figuresOf(outlined, request),
    decisions: layoutDecisions(outlined, others),
    warnings: layoutWarnings(outlined, request),
  });
}

function commandFor(
  request: Request,
  { gpu, gpusPerNode }: { readonly gpu: Gpu; readonly gpusPerNode: number },
): string {
  return commandOf('plan', request, [
    ['--gpu', gpu.id],
    ['--gpus-per-node', gpusPerNode],
  ]);
}

/** A question to a cluster on which something is missing, so that there is no plan to submit. */
export interface ClusterOutlineInput extends Omit<OutlineInput, 'hardware'> {
  readonly profile: ClusterProfile;
  /** Why there is no plan. */
  readonly failure: Failure;
}

/** What stands in the way of a plan, as a warning of an outline; undefined where it can't be set aside. */
function obstacle({ kind }: Failure): string | undefined {
  switch (kind) {
    case 'weights-missing':
      return 'The profile lists no weights of it on the cluster: put them there before you submit.';
    case 'image-missing':
      return 'The profile lists no image or program of the engine: add one before you submit.';
    case 'engine-unknown':
      return 'hpc-serve does not start this engine: the plan is for information.';
    case 'plan-impossible':
      return 'One replica spans nodes: hpc-serve plans that, and does not start it yet.';
    default:
      return undefined;
  }
}

/** Plans for a cluster without what a job needs: weights, an image, or a replica inside one node. */
export function outlineOn(input: ClusterOutlineInput): Result<PlanOutline> {
  const { request, profile, engine, failure } = input;
  const warning = obstacle(failure);
  if (warning === undefined) return fail(failure);
  const ask = (asking: Request): PlacementQuestion => ({
    ...{ request: asking, profile, free: [] },
    layout: questionOf({ ...input, request: asking }),
  });
  const question = ask(request);
  const { layout } = question;
  const { candidates, reasons } = placements(question);
  const [place] = candidates;
  if (place === undefined) {
    if (failure.kind === 'plan-impossible') return fail(failure);
    return fail(noPlace(request, profile, reasons, { verb: 'plan', question: ask }));
  }
  const { minutes, partition, nodes, gpusPerNode, gpu } = place;
  const outlined = { model: layout.model, engine, version: layout.version, layout: place.layout, minutes };
  return ok({
    cluster: profile.name,
    model: modelFigures(layout.model),
    engine: { name: engine.name, version: layout.version },
    placement: { partition: partition.name, nodes, gpusPerNode, gpu: gpu.id },
    ...figuresOf(outlined, request),
    decisions: layoutDecisions(outlined, place.runnersUp),
    warnings: [warning, ...layoutWarnings(outlined, request)],
  });
}
