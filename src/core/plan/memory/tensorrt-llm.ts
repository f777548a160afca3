import { atLeast } from '../../engines/version.ts';
import { GiB, MiB } from '../../units.ts';
import type { EngineMemory, Rank } from './engine-memory.ts';

/** Width of the activations in multiples of the hidden size, by tensor ranks (aiconfigurator, `models/`). */
function activationFactor({ model, sharding }: Rank): number {
  const experts = model.moe === null ? 1 : 2;
  if (sharding.tensor === 1) return 11 * experts;
  return (sharding.tensor === 2 ? 6.5 : 5) * experts;
}

function activationsGiB(rank: Rank): number {
  const bytes = 2 * rank.load.maxNumBatchedTokens * rank.model.hiddenSize * activationFactor(rank);
  return Math.max(70 * MiB, bytes) / GiB;
}

/** NCCL's buffers (aiconfigurator, `systems/*.yaml`). */
function ncclGiB(ranks: number): number {
  if (ranks === 1) return 0;
  return ((ranks === 2 ? 342 : 392) * MiB) / GiB;
}

/** PyTorch, its workspaces, CUDA graphs and context; a compiled engine has decoder state and runtime buffers instead. */
const pytorchGiB = 3.5;
const engineGiB = 1;

/**
 * TensorRT-LLM: the KV cache gets `free_gpu_memory_fraction` of what weights, activations, NCCL and the runtime leave (docs
 * `reference/memory.md`; figures of aiconfigurator's `trtllm_backend.py`). Compiled engines before v1.0, PyTorch since.
 */
export const tensorrtLlmMemory: EngineMemory = {
  blockTokens: 32,
  kernels: () => ({ padding: 1, absorbs: true }),
  defaults: () => ({ fraction: 0.9, maxNumSeqs: 2048, maxNumBatchedTokens: 8192 }),
  rank: (rank, weightsGiB) => {
    const { gpu, load, sharding, version } = rank;
    const compiled = version !== null && !atLeast(version, '1.0');
    const activations = activationsGiB(rank);
    const runtime = ncclGiB(sharding.tensor * sharding.pipeline) + (compiled ? engineGiB : pytorchGiB);
    const free = gpu.memoryGiB - weightsGiB - activations - runtime;
    return {
      activationsGiB: activations,
      runtimeGiB: runtime,
      poolGiB: free > 0 ? free * load.fraction : free,
    };
  },
};
