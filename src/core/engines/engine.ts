import type { ResolvedLoad } from '../plan/memory.ts';
import type { EngineMemory } from '../plan/memory/engine-memory.ts';
import type { PlannedEngine, PlannedModel, Readiness } from '../plan/plan.ts';

/** What an engine's command line depends on; all of it decided before. */
export interface EngineSettings {
  readonly servedName: string;
  readonly tensor: number;
  readonly pipeline: number;
  /** Tokens per request, prompt and answer together. */
  readonly maxModelLen: number;
  readonly concurrentRequests: number;
  /** Expert ranks; 1 where experts are cut like everything else. */
  readonly expert: number;
  /** What the memory was planned for; the command line says the same. */
  readonly load: ResolvedLoad;
  /** The engine is to narrow the checkpoint's weights to this while it loads them; null: as they are. */
  readonly quantization: 'fp8' | null;
  /** Version in the image; null where nobody said. */
  readonly version: string | null;
}

/**
 * How requests share the KV cache: `slots` cuts it into that many equal parts when the engine starts; `paged` hands out
 * blocks as sequences grow.
 */
export type Batching = { readonly kind: 'slots'; readonly count: number } | { readonly kind: 'paged' };

/** What planning needs to know of an engine, whether or not hpc-serve can start it. */
export interface PlanningEngine {
  /** What profiles and `--engine` call it. */
  readonly name: string;
  readonly title: string;
  /** How one replica uses several GPUs: every layer cut (`tensor`), or whole layers handed out (`layers`). */
  readonly sharding: 'tensor' | 'layers';
  readonly batching: Batching;
  readonly memory: EngineMemory;
}

/** An engine that hpc-serve starts: everything that it knows about it stands in its file. */
export interface Engine extends PlanningEngine {
  readonly formats: readonly PlannedModel['format'][];
  /**
   * The server's arguments and environment. `{model}`, `{host}`, `{port}` and `{keyFile}` are replaced on the node where
   * they are a whole argument; in the environment `{key}` is the API key and a leading `{scratch}` is a directory of
   * the replica on the node's own disk. The key never stands in an argument: `ps` shows those to everybody.
   */
  command(settings: EngineSettings): Pick<PlannedEngine, 'argv' | 'environment'>;
  readiness(servedName: string): Readiness;
}

/** One generated token from a completion request: base models without a chat template can answer it too. */
export function completionProbe(servedName: string): Readiness['probe'] {
  return {
    path: '/v1/completions',
    body: JSON.stringify({ model: servedName, prompt: 'Hello', max_tokens: 1 }),
  };
}
