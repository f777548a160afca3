import { GiB } from '../../units.ts';
import type { EngineMemory } from './engine-memory.ts';

/** Tokens that llama.cpp computes at once (`--ubatch-size`, default 512). */
const microBatch = 512;

/**
 * llama.cpp: weights, one KV cache of `--ctx-size`, and a compute buffer with the 32-bit logits and one layer's tensors of a
 * micro-batch. It reserves no pool; we leave 5 % of the GPU free. An estimate, not measured by us.
 */
export const llamacppMemory: EngineMemory = {
  blockTokens: 32,
  kernels: () => ({ padding: 1, absorbs: false }),
  defaults: () => ({ fraction: 0.95, maxNumSeqs: 4, maxNumBatchedTokens: microBatch }),
  rank: ({ model, gpu, load }, weightsGiB) => {
    const width = model.vocabSize + 3 * model.intermediateSize + 4 * model.hiddenSize;
    const activationsGiB = (load.maxNumBatchedTokens * 4 * width) / GiB;
    const runtimeGiB = 0.6;
    return {
      activationsGiB,
      runtimeGiB,
      poolGiB: gpu.memoryGiB * load.fraction - weightsGiB - activationsGiB - runtimeGiB,
    };
  },
};
