import { GiB } from '../units.ts';
import { atLeast, completionProbe, type Engine } from './engine.ts';

/** Sequences at once (`--max-num-seqs`): the planned memory holds for this number. */
const maxSequences = 256;
/** Tokens per forward pass (`--max-num-batched-tokens`). */
const batchedTokens = 8192;
/** Part of the GPU's memory that vLLM may take (`--gpu-memory-utilization`); its default up to v0.19. */
const utilisation = 0.9;

/**
 * Non-torch memory of one rank, GiB, measured on H100: 0.13 alone (0.25 from v0.18 on), with NCCL and custom all-reduce
 * buffers 0.55 for two ranks at v0.11 and 2.1 to 2.2 from two ranks on at v0.19. The larger figure is planned with.
 */
function runtimeGiB(tensor: number): number {
  return tensor === 1 ? 0.25 : 2.2;
}

/** vLLM's OpenAI server. Flags: docs.vllm.ai, `vllm serve`. */
export const vllm: Engine = {
  name: 'vllm',
  title: 'vLLM',
  formats: ['safetensors'],
  sharding: 'tensor',
  batching: { kind: 'paged', max: maxSequences },
  memory: {
    fraction: utilisation,
    /**
     * The larger of two peaks: the sampler's warm-up (32-bit logits of every sequence; 9.5 copies up to v0.16, 3.5
     * since v0.17) and the transformer's forward pass. Not divided by the ranks, for each holds the whole logits.
     */
    activationsGiB: (model, tensor, version) => {
      const copies = atLeast(version, '0.17') ? 3.5 : 9.5;
      const sampler = copies * maxSequences * model.vocabSize * 4 + batchedTokens * model.hiddenSize * 2;
      const forward = batchedTokens * ((6 * model.intermediateSize) / tensor + 4 * model.hiddenSize);
      return Math.max(sampler / GiB + 0.12, forward / GiB + 0.14);
    },
    runtimeGiB,
  },
  command: (settings) => ({
    argv: [
      ...['vllm', 'serve', '{model}', '--served-model-name', settings.servedName],
      ...['--host', '{host}', '--port', '{port}'],
      ...['--tensor-parallel-size', String(settings.tensor)],
      ...['--pipeline-parallel-size', String(settings.pipeline)],
      ...['--max-model-len', String(settings.maxModelLen)],
      ...['--max-num-seqs', String(maxSequences)],
      ...['--max-num-batched-tokens', String(batchedTokens)],
      ...['--gpu-memory-utilization', String(utilisation)],
    ],
    environment: {
      VLLM_API_KEY: '{key}',
      // The weights are on disk; a look at the hub would only fail or hang on a node without internet.
      HF_HUB_OFFLINE: '1',
      VLLM_NO_USAGE_STATS: '1',
      HF_HOME: '{scratch}/huggingface',
      VLLM_CACHE_ROOT: '{scratch}/vllm',
      TRITON_CACHE_DIR: '{scratch}/triton',
      TORCHINDUCTOR_CACHE_DIR: '{scratch}/inductor',
    },
  }),
  readiness: (servedName) => ({ healthPath: '/health', probe: completionProbe(servedName) }),
};
