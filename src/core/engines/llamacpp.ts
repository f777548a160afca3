import { llamacppMemory } from '../plan/memory/llamacpp.ts';
import { completionProbe, type Engine } from './engine.ts';

/** llama.cpp's HTTP server. Flags: tools/server/README.md of ggml-org/llama.cpp. */
export const llamacpp: Engine = {
  name: 'llamacpp',
  title: 'llama.cpp',
  formats: ['gguf'],
  sharding: 'layers',
  /** Its own default. Each slot owns an equal part of `--ctx-size`. */
  batching: { kind: 'slots', count: 4 },
  memory: llamacppMemory,
  command: (settings) => ({
    argv: [
      'llama-server',
      ...['--model', '{model}', '--alias', settings.servedName],
      ...['--host', '{host}', '--port', '{port}', '--api-key-file', '{keyFile}'],
      ...['--ctx-size', String(settings.maxModelLen * settings.concurrentRequests)],
      ...['--parallel', String(settings.concurrentRequests)],
      ...['--n-gpu-layers', '99', '--split-mode', settings.pipeline > 1 ? 'layer' : 'none'],
      // All layers run on the GPU; more threads would only spin beside it.
      ...['--threads', '1'],
    ],
    // The official image keeps the program in /app, which is not on its PATH; Apptainer appends this to PATH.
    environment: { APPEND_PATH: '/app' },
  }),
  readiness: (servedName) => ({ healthPath: '/health', probe: completionProbe(servedName) }),
};
