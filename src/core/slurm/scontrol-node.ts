import { orNull, parseInteger } from './fields.ts';
import { type GresGpus, parseGresGpus } from './gres.ts';
import { parseMemoryMiB } from './memory.ts';
import { type NodeState, parseNodeState } from './node-state.ts';
import { list, parseScontrolRecords } from './scontrol-records.ts';

/** A node, with what it has and what jobs hold of it. */
export interface SlurmNode {
  readonly name: string;
  readonly state: NodeState;
  readonly cpus: number;
  readonly allocatedCpus: number;
  /** Memory for jobs: without what is kept for the system (MemSpecLimit). */
  readonly memoryMiB: number;
  readonly allocatedMemoryMiB: number;
  readonly gpus: readonly GresGpus[];
  /** GPUs that jobs hold, of any type; null where scontrol was not asked for details. */
  readonly allocatedGpus: number | null;
  readonly features: readonly string[];
  readonly partitions: readonly string[];
  /** Why it is down or drained, in an administrator's words. */
  readonly reason: string | null;
}

/** Reads `scontrol --oneliner --details show node`. */
export function parseNodes(text: string): readonly SlurmNode[] {
  return parseScontrolRecords(text).map((record) => {
    const value = (key: string): string => record.get(key) ?? '';
    return {
      name: value('NodeName'),
      state: parseNodeState(value('State')),
      cpus: parseInteger(value('CPUEfctv')) ?? parseInteger(value('CPUTot')) ?? 0,
      allocatedCpus: parseInteger(value('CPUAlloc')) ?? 0,
      memoryMiB: (parseMemoryMiB(value('RealMemory')) ?? 0) - (parseMemoryMiB(value('MemSpecLimit')) ?? 0),
      allocatedMemoryMiB: parseMemoryMiB(value('AllocMem')) ?? 0,
      gpus: parseGresGpus(value('Gres')),
      allocatedGpus: record.has('GresUsed') ? gpuCount(parseGresGpus(value('GresUsed'))) : null,
      features: list(value('AvailableFeatures')),
      partitions: list(value('Partitions')),
      reason: orNull(value('Reason')),
    };
  });
}

function gpuCount(gpus: readonly GresGpus[]): number {
  return gpus.reduce((sum, { count }) => sum + count, 0);
}
