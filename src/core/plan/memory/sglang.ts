import type { Gpu } from '../../catalog/gpu.ts';
import { GiB } from '../../units.ts';
import type { EngineMemory, Sharding } from './engine-memory.ts';

/** CUDA context and NCCL, gone before SGLang looks at what is free. */
function contextGiB({ tensor, pipeline }: Sharding): number {
  return tensor * pipeline === 1 ? 0.5 : 1.2;
}

/** Prompt tokens per pass and largest batch with a CUDA graph, by the GPU's size (`server_args.py`). */
function batchOf(gpu: Gpu, tensor: number): readonly [number, number] {
  const few = tensor < 4;
  if (gpu.memoryGiB < 20) return [2048, 8];
  if (gpu.memoryGiB < 35) return [2048, few ? 24 : 80];
  if (gpu.memoryGiB < 60) return [4096, few ? 32 : 160];
  if (gpu.memoryGiB < 160) return [8192, few ? 256 : 512];
  return [16384, 512];
}

/** `mem_fraction_static` where the user sets none: what activations, graphs and other ranks are reckoned to need is kept free. */
function staticFraction(gpu: Gpu, { tensor, pipeline }: Sharding): number {
  const [chunk, graphs] = batchOf(gpu, tensor);
  const total = gpu.memoryGiB * 1024;
  const reserved = 512 + Math.max(chunk, 2048) * 1.5 + graphs * 2 + (tensor * pipeline * 1024) / 8;
  const kept = total > 60 * 1024 ? Math.max(reserved, 10 * 1024) : reserved;
  return Math.round(((total - kept) / total) * 1000) / 1000;
}

/**
 * SGLang: weights and KV cache together get `mem_fraction_static` of what is free at the start; the rest is for activations
 * and CUDA graphs (`model_runner.py`, `profile_max_num_token`).
 */
export const sglangMemory: EngineMemory = {
  blockTokens: 1,
  kernels: () => ({ padding: 1, absorbs: true }),
  defaults: (gpu, _version, sharding) => {
    const [maxNumBatchedTokens] = batchOf(gpu, sharding.tensor);
    return { fraction: staticFraction(gpu, sharding), maxNumSeqs: 2048, maxNumBatchedTokens };
  },
  rank: ({ gpu, load, sharding }, weightsGiB) => {
    const runtimeGiB = contextGiB(sharding);
    const free = gpu.memoryGiB - runtimeGiB;
    const poolGiB = Math.floor(free * load.fraction * GiB) / GiB - weightsGiB;
    return { activationsGiB: free * (1 - load.fraction), runtimeGiB, poolGiB };
  },
};
