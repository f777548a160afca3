import { vllmMemory } from '../plan/memory/vllm.ts';
import { completionProbe, type Engine } from './engine.ts';

/** vLLM's OpenAI server. Flags: docs.vllm.ai, `vllm serve`. */
export const vllm: Engine = {
  name: 'vllm',
  title: 'vLLM',
  formats: ['safetensors'],
  sharding: 'tensor',
  batching: { kind: 'paged' },
  memory: vllmMemory,
  command: ({ load, ...settings }) => ({
    argv: [
      ...['vllm', 'serve', '{model}', '--served-model-name', settings.servedName],
      ...['--host', '{host}', '--port', '{port}'],
      ...['--tensor-parallel-size', String(settings.tensor)],
      ...['--pipeline-parallel-size', String(settings.pipeline)],
      ...(settings.expert > 1 ? ['--enable-expert-parallel'] : []),
      ...['--max-model-len', String(settings.maxModelLen)],
      ...['--max-num-seqs', String(load.maxNumSeqs)],
      ...['--max-num-batched-tokens', String(load.maxNumBatchedTokens)],
      ...['--gpu-memory-utilization', String(load.fraction)],
      ...(load.kvCache === 'auto' ? [] : ['--kv-cache-dtype', load.kvCache]),
      ...(settings.quantization === null ? [] : ['--quantization', settings.quantization]),
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
