import { atLeast } from '../../engines/version.ts';
import { GiB } from '../../units.ts';
import type { EngineMemory, Rank } from './engine-memory.ts';

/** Copies of the logits in 32 bits that live at once when the sampler warms up; fewer since v0.17. */
function logitCopies(version: string | null): number {
  return atLeast(version, '0.17') ? 3.5 : 9.5;
}

/** What encoding an image or two of a multimodal model adds to the profiled peak (Gemma 3, Llama 4, Kimi-VL: 0.19 to 0.29). */
const encoderGiB = 0.2;

/** Workspace of the fused kernels of mixture-of-experts layers; gpt-oss's have none of it. */
function expertWorkspace({ model, sharding, load }: Rank): number {
  const { moe } = model;
  if (moe === null || model.precision === 'mxfp4') return 0;
  const width = moe.intermediateSize / sharding.tensor;
  return load.maxNumBatchedTokens * moe.expertsPerToken * (Math.max(2 * width, model.hiddenSize) + width) * 2;
}

/**
 * Peak of the profiling run: the larger of the sampler's warm-up with `max_num_seqs` rows (last stage only, whole on each
 * rank) and the transformer's pass over `max_num_batched_tokens`, which the ranks divide.
 */
function activationsGiB(rank: Rank): number {
  const { model, sharding, load, stage, version } = rank;
  const tokens = load.maxNumBatchedTokens;
  const last = stage === sharding.pipeline - 1;
  const logits = logitCopies(version) * load.maxNumSeqs * model.vocabSize * 4;
  const sampler = (logits + (tokens * model.hiddenSize * model.bits.base) / 8) / GiB + 0.12;
  const forward =
    (tokens * ((6 * model.intermediateSize) / sharding.tensor + 4 * model.hiddenSize)) / GiB + 0.14;
  const encoder = model.towerParameters > 0 && stage === 0 ? encoderGiB : 0;
  return Math.max(last ? sampler : 0, forward) + expertWorkspace(rank) / GiB + encoder;
}

/**
 * CUDA context's growth, NCCL and custom all-reduce buffers: measured on H100 with v0.11 and v0.19; measured token counts of v0.15.1
 * agree with the smaller figure. GeForce cards showed 0.3 more (one measurement, RTX 4090).
 */
function communicationGiB({ sharding, version, gpu }: Rank): number {
  const { tensor, pipeline } = sharding;
  const recent = atLeast(version, '0.18');
  const card = gpu.name.startsWith('GeForce') ? 0.3 : 0;
  if (tensor === 1) return card + (pipeline > 1 ? 0.07 : recent ? 0.25 : 0.13);
  if (!recent) return card + 0.5;
  return card + (tensor === 2 ? 2.07 : 2.17);
}

/** CUDA graphs by layers of the stage, as measured with v0.19; taken out of the budget since v0.21 only. */
function graphsGiB({ version, layers }: Rank): number {
  return atLeast(version, '0.21') ? 0.3 + 0.018 * (layers[1] - layers[0]) : 0;
}

/** The kernels for MXFP4 on Hopper pad gpt-oss's 2880 columns to 3072, and its rows where tensor ranks cut them. */
function expertPadding({ model, gpu, sharding }: Rank): number {
  if (model.precision !== 'mxfp4' || model.moe === null || gpu.computeCapability !== 9) return 1;
  const padded = (size: number, block: number): number => (Math.ceil(size / block) * block) / size;
  const rows = sharding.tensor === 1 ? 1 : padded(model.moe.intermediateSize / sharding.tensor, 128);
  return padded(model.hiddenSize, 256) * rows;
}

/**
 * vLLM's V1 engine (v0.8 and later): the KV cache gets what is left of `ceil(total × utilization)` after weights, peak
 * and what other libraries hold (`vllm/v1/worker/gpu_worker.py`, `determine_available_memory`). The defaults are those of
 * `engine/arg_utils.py`: larger batches on GPUs of 70 GiB and more that are not A100s.
 */
export const vllmMemory: EngineMemory = {
  blockTokens: 16,
  kernels: (rank) => ({ padding: expertPadding(rank), absorbs: true }),
  defaults: (gpu, version) => {
    const large = gpu.memoryGiB >= 70 && !gpu.id.startsWith('a100');
    const huge = gpu.memoryGiB >= 160 && atLeast(version, '0.22');
    return {
      fraction: atLeast(version, '0.22') ? 0.92 : 0.9,
      maxNumSeqs: large ? 1024 : 256,
      maxNumBatchedTokens: huge ? 16384 : large ? 8192 : 2048,
    };
  },
  rank: (rank, weightsGiB) => {
    const activations = activationsGiB(rank);
    const runtime = communicationGiB(rank) + graphsGiB(rank);
    const budget = Math.ceil(rank.gpu.memoryGiB * GiB * rank.load.fraction) / GiB;
    return {
      activationsGiB: activations,
      runtimeGiB: runtime,
      poolGiB: budget - weightsGiB - activations - runtime,
    };
  },
};
