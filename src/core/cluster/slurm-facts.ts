import { orNull } from '../slurm/fields.ts';
import { parseGresGpus, type GresGpus } from '../slurm/gres.ts';
import { parseMemoryMiB } from '../slurm/memory.ts';

/** Attributes of one thing that Slurm describes, such as a partition. */
export type Attributes = ReadonlyMap<string, string>;

/**
 * The records of `scontrol --oneliner show …`: one a line, `Key=value` separated by spaces. A word without `=` belongs
 * to the value before it (reasons and comments hold spaces).
 */
export function readRecords(text: string, firstKey: string): readonly Attributes[] {
  const records: Attributes[] = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${firstKey}=`)) continue;
    const record = new Map<string, string>();
    let last = firstKey;
    for (const word of line.trim().split(/\s+/)) {
      const match = /^([A-Z]\w*)=(.*)$/.exec(word);
      last = match?.[1] ?? last;
      record.set(last, match === null ? `${record.get(last) ?? ''} ${word}` : (match[2] ?? ''));
    }
    records.push(record);
  }
  return records;
}

/** The lines `Key = value` of `scontrol show config`. */
export function readConfig(text: string): Attributes {
  const config = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^(\w+)(?:\[0\])?\s*= (.*)$/.exec(line.trim());
    if (match?.[1] !== undefined && !config.has(match[1])) config.set(match[1], (match[2] ?? '').trim());
  }
  return config;
}

/** The rows of `sacctmgr --parsable2`, by the names in its first line. */
export function readTable(text: string): readonly Attributes[] {
  const [header = '', ...lines] = text.split('\n').filter((line) => line.includes('|'));
  const names = header.split('|').map((name) => name.trim());
  return lines.map((line) => {
    const cells = line.split('|');
    return new Map(names.map((name, index) => [name, (cells[index] ?? '').trim()]));
  });
}

/** A list separated by commas; undefined for ALL and for nothing, which mean no restriction. */
export function listOf(text: string | undefined): readonly string[] | undefined {
  const value = orNull(text ?? '');
  if (value === null || value === 'ALL') return undefined;
  return value.split(',').filter((item) => item !== '');
}

/** A compute node, with what a plan needs of it. */
export interface Node {
  readonly name: string;
  readonly partitions: readonly string[];
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly gpus: readonly GresGpus[];
  readonly features: readonly string[];
  /** Words of the state, such as IDLE, MIXED, DOWN, DRAIN. */
  readonly state: readonly string[];
}

/** The nodes in `scontrol --oneliner show node`. Nodes that don't exist yet (FUTURE) are left out. */
export function readNodes(text: string): readonly Node[] {
  return readRecords(text, 'NodeName').flatMap((record) => {
    const number = (key: string): number => parseMemoryMiB(record.get(key) ?? '') ?? 0;
    const node = {
      name: record.get('NodeName') ?? '',
      partitions: listOf(record.get('Partitions')) ?? [],
      cpus: number('CPUEfctv') || number('CPUTot'),
      memoryMiB: Math.floor(number('RealMemory') - number('MemSpecLimit')),
      gpus: parseGresGpus(record.get('Gres') ?? ''),
      features: listOf(record.get('ActiveFeatures')) ?? listOf(record.get('AvailableFeatures')) ?? [],
      state: (record.get('State') ?? '').replaceAll(/[*~#!%$@^-]/g, '').split('+'),
    };
    const usable = node.cpus >= 1 && node.memoryMiB >= 1 && !node.state.includes('FUTURE');
    return usable ? [node] : [];
  });
}

/** Words of a node's state that mean that no job starts there now. */
export const outOfService: readonly string[] = [
  'DOWN',
  'DRAIN',
  'DRAINED',
  'DRAINING',
  'FAIL',
  'FAILING',
  'MAINT',
  'POWERED_DOWN',
  'POWER_DOWN',
  'UNKNOWN',
  'NOT_RESPONDING',
];
