import { vllmMemory } from '../plan/memory/vllm.ts';
import { completionProbe, type Engine } from './engine.ts';

/** Sequences at once (`--max-num-seqs`): the planned memory holds for this number. */
const maxSequences = 256;
/** Tokens per forward pass (`--max-num-batched-tokens`). */
const batchedTokens = 8192;
/** Part of the GPU's memory that vLLM may take (`--gpu-memory-utilization`); its default up to v0.19. */
const utilisation = 0.9;

/** vLLM's OpenAI server. Flags: docs.vllm.ai, `vllm serve`. */
export const vllm: Engine = {
  name: 'vllm',
  title: 'vLLM',
  formats: ['safetensors'],
  sharding: 'tensor',
  batching: { kind: 'paged', max: maxSequences },
  memory: vllmMemory,
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
