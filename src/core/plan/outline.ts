import type { Gpu } from '../catalog/gpu.ts';
import type { Model } from '../catalog/model.ts';
import type { PlanningEngine } from '../engines/engine.ts';
import { fail, ok, type Result } from '../result.ts';
import { alternatives } from './alternatives.ts';
import { commandOf } from './command.ts';
import { layoutDecisions, layoutWarnings } from './explain-layout.ts';
import { kvBytesPerToken } from './memory.ts';
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

function questionOf({ request, model, engine }: OutlineInput): SearchQuestion {
  const version = request.engineVersion ?? null;
  return { model, engine, version, gpus: request.gpus, acrossNodes: true, ...asked(request) };
}

/** Plans for hardware alone, without a cluster; or says why it can't be and what could. */
export function outline(input: OutlineInput): Result<PlanOutline> {
  const { request, model, engine, hardware } = input;
  const question = questionOf(input);
  const { layouts, reasons } = search(question, hardware);
  const [layout, ...others] = layouts;
  if (layout === undefined) {
    const tryOut = (changed: Request) =>
      search({ ...questionOf({ ...input, request: changed }) }, hardware).layouts[0];
    return fail({
      kind: 'plan-impossible',
      because: `${model.name} can't be served so: ${reasons.join('; ')}`,
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
