import { sglangMemory } from '../plan/memory/sglang.ts';
import type { PlanningEngine } from './engine.ts';

/** SGLang: planned for, not started by hpc-serve. */
export const sglang: PlanningEngine = {
  name: 'sglang',
  title: 'SGLang',
  sharding: 'tensor',
  batching: { kind: 'paged' },
  memory: sglangMemory,
};
