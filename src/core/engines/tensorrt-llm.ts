import { tensorrtLlmMemory } from '../plan/memory/tensorrt-llm.ts';
import type { PlanningEngine } from './engine.ts';

/** TensorRT-LLM: planned for, not started by hpc-serve. */
export const tensorrtLlm: PlanningEngine = {
  name: 'tensorrt-llm',
  title: 'TensorRT-LLM',
  sharding: 'tensor',
  batching: { kind: 'paged' },
  memory: tensorrtLlmMemory,
};
