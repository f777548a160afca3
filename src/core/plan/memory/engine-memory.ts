import type { Gpu } from '../../catalog/gpu.ts';
import type { Model } from '../../catalog/make-model.ts';

/** One way to lay a replica over GPUs. */
export interface Sharding {
  readonly tensor: number;
  readonly pipeline: number;
  /** Ranks that share the experts out whole; 1 or absent where tensor ranks cut every expert. */
  readonly expert?: number;
}

/** Width of the KV cache: the checkpoint's own, or 8 bits. */
export type KvCachePrecision = 'auto' | 'fp8';

/** What a user sets of an engine's memory; undefined leaves the engine's default. */
export interface Load {
  /** vLLM `--gpu-memory-utilization`, SGLang `--mem-fraction-static`, TensorRT-LLM `free_gpu_memory_fraction`. */
  readonly fraction?: number | undefined;
  readonly maxNumSeqs?: number | undefined;
  readonly maxNumBatchedTokens?: number | undefined;
  readonly maxModelLen?: number | undefined;
  readonly kvCache?: KvCachePrecision | undefined;
}

/** A load with the engine's defaults filled in; the context alone may still be the model's. */
export interface ResolvedLoad {
  readonly fraction: number;
  readonly maxNumSeqs: number;
  readonly maxNumBatchedTokens: number;
  readonly maxModelLen: number | undefined;
  readonly kvCache: KvCachePrecision;
}

/** One rank of a replica: a GPU that holds the layers of one stage. */
export interface Rank {
  readonly model: Model;
  readonly gpu: Gpu;
  readonly version: string | null;
  readonly sharding: Sharding;
  readonly load: ResolvedLoad;
  /** Stages count from 0; the first has the embedding, the last the output head. */
  readonly stage: number;
  /** The layers of the stage: from, and up to but without. */
  readonly layers: readonly [number, number];
}

/** Memory of a rank beside weights and KV cache, and what is left for that, GiB. */
export interface RankMemory {
  readonly activationsGiB: number;
  readonly runtimeGiB: number;
  /** Below 0 where the rest does not fit. */
  readonly poolGiB: number;
}

/** What an engine's kernels make of the weights. */
export interface KernelLayout {
  /** Bytes of expert weights as a multiple of what the checkpoint has. */
  readonly padding: number;
  /** Keeps a second copy of a latent's up-projection. */
  readonly absorbs: boolean;
}

/** How an engine uses the memory of a GPU. */
export interface EngineMemory {
  /** Tokens of a block of its KV cache. */
  readonly blockTokens: number;
  kernels(rank: Rank): KernelLayout;
  /** What it uses where the user sets nothing. */
  defaults(
    gpu: Gpu,
    version: string | null,
    sharding: Sharding,
  ): Omit<ResolvedLoad, 'maxModelLen' | 'kvCache'>;
  rank(rank: Rank, weightsGiB: number): RankMemory;
}
