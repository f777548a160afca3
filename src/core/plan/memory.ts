import type { Gpu } from '../catalog/gpu.ts';
import type { Model } from '../catalog/make-model.ts';
import { GiB } from '../units.ts';
import type { EngineMemory, Load, Rank, ResolvedLoad, Sharding } from './memory/engine-memory.ts';
import { tokenBytesOf, tokensIn } from './memory/kv-cache.ts';
import { stageLayers, weightBytes } from './memory/weights.ts';
import type { MemoryPicture } from './plan.ts';

export type { EngineMemory, Load, ResolvedLoad, Sharding } from './memory/engine-memory.ts';

/** Whose memory is asked for: an engine, its version, and what the user sets of it. */
export interface EngineOf {
  readonly engine: { readonly memory: EngineMemory };
  readonly version: string | null;
  readonly load?: Load | undefined;
}

/** What a replica's fullest GPU holds, and how many tokens of KV cache the replica has; 0 where it does not fit. */
export interface Fit {
  readonly memory: MemoryPicture;
  readonly kvCacheTokens: number;
}

/** The load with the engine's defaults filled in. */
export function resolveLoad({ engine, version, load }: EngineOf, gpu: Gpu, sharding: Sharding): ResolvedLoad {
  const defaults = engine.memory.defaults(gpu, version, sharding);
  return {
    fraction: load?.fraction ?? defaults.fraction,
    maxNumSeqs: load?.maxNumSeqs ?? defaults.maxNumSeqs,
    maxNumBatchedTokens: load?.maxNumBatchedTokens ?? defaults.maxNumBatchedTokens,
    maxModelLen: load?.maxModelLen,
    kvCache: load?.kvCache ?? 'auto',
  };
}

/** Bytes of 16-bit KV cache per token over the whole model: keys and values of each layer, or one latent (MLA). */
export function kvBytesPerToken(model: Model): number {
  const values = model.blocks.reduce((sum, { kv }) => sum + (kv === null ? 0 : kv.heads * kv.values), 0);
  return 2 * values;
}

function ranksOf(model: Model, gpu: Gpu, engineOf: EngineOf, sharding: Sharding): readonly Rank[] {
  const load = resolveLoad(engineOf, gpu, sharding);
  const { version } = engineOf;
  return stageLayers(model.blocks.length, sharding.pipeline).map((layers, stage) => ({
    ...{ model, gpu, version, sharding, load, stage, layers },
  }));
}

interface StageFit extends Fit {
  readonly usedGiB: number;
}

function fitRank(memory: EngineMemory, rank: Rank): StageFit {
  const weightsGiB = weightBytes(rank, memory.kernels(rank)) / GiB;
  const { activationsGiB, runtimeGiB, poolGiB } = memory.rank(rank, weightsGiB);
  const kvCacheGiB = Math.max(0, poolGiB);
  const totalGiB = weightsGiB + activationsGiB + runtimeGiB + kvCacheGiB;
  return {
    memory: { totalGiB, gpuGiB: rank.gpu.memoryGiB, weightsGiB, activationsGiB, runtimeGiB, kvCacheGiB },
    kvCacheTokens: tokensIn(rank, poolGiB, memory.blockTokens),
    usedGiB: weightsGiB + activationsGiB + runtimeGiB,
  };
}

/**
 * The memory of one replica laid out so on GPUs of that kind. The stage with the least room for tokens sets how many the
 * replica has; its GPU is the one that is shown.
 */
export function fit(model: Model, gpu: Gpu, engineOf: EngineOf, sharding: Sharding): Fit {
  const { memory } = engineOf.engine;
  const stages = ranksOf(model, gpu, engineOf, sharding).map((rank) => fitRank(memory, rank));
  const tightest = stages.reduce((one, other) => {
    if (one.kvCacheTokens !== other.kvCacheTokens)
      return other.kvCacheTokens < one.kvCacheTokens ? other : one;
    return other.usedGiB > one.usedGiB ? other : one;
  });
  return { memory: tightest.memory, kvCacheTokens: tightest.kvCacheTokens };
}

/** Memory that a KV cache of so many tokens takes on the fullest GPU if no layer has a window, GiB. */
export function kvCacheGiB(
  model: Model,
  sharding: Sharding,
  tokens: number,
  kvCache: Load['kvCache'] = 'auto',
): number {
  const bytes = stageLayers(model.blocks.length, sharding.pipeline).map((layers) =>
    tokenBytesOf({ model, sharding, load: { kvCache }, layers }),
  );
  return (tokens * Math.max(...bytes)) / GiB;
}
