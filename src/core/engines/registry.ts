import { fail, ok, type Result } from '../result.ts';
import type { Engine } from './engine.ts';
import { llamacpp } from './llamacpp.ts';
import { vllm } from './vllm.ts';

/** All engines, in the order in which they are preferred where several can serve. */
export const engines: readonly Engine[] = [vllm, llamacpp];

/** The engine of that name. */
export function findEngine(name: string): Result<Engine> {
  const engine = engines.find((candidate) => candidate.name === name.toLowerCase());
  if (engine !== undefined) return ok(engine);
  return fail({ kind: 'engine-unknown', name, known: engines.map((candidate) => candidate.name) });
}
