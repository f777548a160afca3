import { fail, ok, type Result } from '../result.ts';
import type { Engine, PlanningEngine } from './engine.ts';
import { llamacpp } from './llamacpp.ts';
import { sglang } from './sglang.ts';
import { tensorrtLlm } from './tensorrt-llm.ts';
import { vllm } from './vllm.ts';

/** The engines that hpc-serve starts, in the order in which they are preferred where several can serve. */
export const engines: readonly Engine[] = [vllm, llamacpp];

/** Those that can be planned for. */
const planningEngines: readonly PlanningEngine[] = [...engines, tensorrtLlm, sglang];

/** Other names that people and tables use. */
const otherNames: Readonly<Record<string, string>> = {
  trtllm: 'tensorrt-llm',
  'trt-llm': 'tensorrt-llm',
  'llama.cpp': 'llamacpp',
};

function find<Kind extends PlanningEngine>(among: readonly Kind[], name: string): Result<Kind> {
  const written = name.toLowerCase();
  const meant = otherNames[written] ?? written;
  const engine = among.find((candidate) => candidate.name === meant);
  if (engine !== undefined) return ok(engine);
  return fail({ kind: 'engine-unknown', name, known: among.map((candidate) => candidate.name) });
}

/** The engine of that name that hpc-serve can start. */
export function findEngine(name: string): Result<Engine> {
  return find(engines, name);
}

/** The engine of that name, whether or not hpc-serve can start it. */
export function findPlanningEngine(name: string): Result<PlanningEngine> {
  return find(planningEngines, name);
}
