import { isMigSlice, type Gpu } from '../catalog/gpu.ts';
import type { Model } from '../catalog/model.ts';
import type { Batching, Engine } from '../engines/engine.ts';
import { fit, kvCacheGiB, type Sharding } from './memory.ts';
import type { MemoryPicture, Plan } from './plan.ts';

/** A replica that fits: its layout, its memory and what it can take. */
export interface Layout {
  readonly sharding: Sharding;
  /** GPUs of one replica. */
  readonly gpus: number;
  readonly memory: MemoryPicture;
  readonly capacity: Plan['capacity'];
}

/** Contexts that are not the model's own are cut to a multiple of this. */
const contextStep = 1024;
/** A served context below this is of little use; models made for less keep their own. */
const smallestContext = 4096;

/**
 * The layout of a replica on `gpus` GPUs of one node; undefined where the engine can't cut the model so. Tensor ranks must
 * divide the heads, and KV heads must be divided by the ranks or copied a whole number of times.
 */
function shardingOn(model: Model, engine: Engine, gpus: number): Sharding | undefined {
  if (engine.sharding === 'layers') {
    return gpus <= model.layers ? { tensor: 1, pipeline: gpus } : undefined;
  }
  const kvDivides = model.mlaRank !== null || model.kvHeads % gpus === 0 || gpus % model.kvHeads === 0;
  return model.heads % gpus === 0 && kvDivides ? { tensor: gpus, pipeline: 1 } : undefined;
}

/** How a KV cache of `tokens` is shared by requests; undefined where not one of the wanted length fits. */
function capacityOf(
  contextLength: number,
  wanted: number | undefined,
  tokens: number,
  batching: Batching,
): Plan['capacity'] | undefined {
  const least = wanted ?? Math.min(contextLength, smallestContext);
  if (tokens < least) return undefined;
  const longest = (room: number): number =>
    room >= contextLength ? contextLength : Math.floor(room / contextStep) * contextStep;
  if (batching.kind === 'paged') {
    const maxModelLen = wanted ?? longest(tokens);
    const concurrentRequests = Math.min(batching.max, Math.floor(tokens / maxModelLen));
    return { kvCacheTokens: tokens, maxModelLen, concurrentRequests };
  }
  const concurrentRequests = Math.min(batching.count, Math.floor(tokens / least));
  const maxModelLen = wanted ?? longest(tokens / concurrentRequests);
  return { kvCacheTokens: maxModelLen * concurrentRequests, maxModelLen, concurrentRequests };
}

/** What a layout is asked for. */
export interface LayoutRequest {
  readonly model: Model;
  readonly engine: Engine;
  readonly version: string | null;
  /** Tokens per request that the user insists on. */
  readonly maxModelLen: number | undefined;
}

/** The layout on exactly so many GPUs of one node, or undefined where it does not fit. */
function layoutOn(request: LayoutRequest, gpu: Gpu, gpus: number): Layout | undefined {
  const { model, engine } = request;
  if (gpus > 1 && isMigSlice(gpu.id)) return undefined;
  const sharding = shardingOn(model, engine, gpus);
  if (sharding === undefined) return undefined;
  const { memory, kvCacheTokens } = fit(model, gpu, request, sharding);
  const capacity = capacityOf(model.contextLength, request.maxModelLen, kvCacheTokens, engine.batching);
  if (capacity === undefined) return undefined;
  const used = kvCacheGiB(model, sharding, capacity.kvCacheTokens);
  const totalGiB = memory.weightsGiB + memory.activationsGiB + memory.runtimeGiB + used;
  return { sharding, gpus, memory: { ...memory, totalGiB, kvCacheGiB: used }, capacity };
}

/** All layouts of a replica inside one node of `most` GPUs, fewest GPUs first. */
export function layouts(request: LayoutRequest, gpu: Gpu, most: number): readonly Layout[] {
  return Array.from({ length: most }, (_, index) => layoutOn(request, gpu, index + 1)).filter(
    (layout) => layout !== undefined,
  );
}
