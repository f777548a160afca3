import { fail, ok, type Result } from '../result.ts';
import { parseTimeLimitMinutes } from './duration.ts';
import { excerpt, longFormat, orNull, parseInteger, readRows } from './fields.ts';
import { type GresGpus, parseGresGpus } from './gres.ts';
import { parseMemoryMiB } from './memory.ts';
import { type NodeState, parseNodeState } from './node-state.ts';

/** Nodes of one partition that are alike in everything below. */
export interface PartitionNodes {
  readonly partition: string;
  /** Whether it is the cluster's default partition. */
  readonly default: boolean;
  /** Whether the partition takes jobs and starts them. */
  readonly up: boolean;
  /** Null: no limit, or not known. */
  readonly maxTimeMinutes: number | null;
  /** Compressed list of names. */
  readonly nodes: string;
  readonly nodeCount: number;
  readonly state: NodeState;
  /** CPUs of each node. */
  readonly cpus: number;
  /** Memory of each node for jobs. */
  readonly memoryMiB: number;
  readonly gpus: readonly GresGpus[];
  readonly features: readonly string[];
}

const fields = [
  'Partition',
  'Available',
  'Time',
  'NodeList',
  'Nodes',
  'StateLong',
  'CPUs',
  'Memory',
  'Gres',
  'Features',
] as const;

/** The arguments of one sinfo: partitions × kinds of nodes. `--exact` keeps nodes of different sizes apart. */
export function sinfoArguments(): readonly string[] {
  return ['--noheader', '--exact', `--Format=${longFormat(fields)}`];
}

/** Reads what sinfo printed for `sinfoArguments`. A partition without nodes is a row with `nodeCount` 0. */
export function parseSinfo(text: string): Result<readonly PartitionNodes[], string> {
  const rows = readRows(text, fields.length);
  if (!rows.ok) return rows;
  const groups: PartitionNodes[] = [];
  for (const row of rows.value) {
    const group = readGroup(row);
    if (group === undefined)
      return fail(`a row of sinfo does not describe nodes: "${excerpt(row.join(' '))}"`);
    groups.push(group);
  }
  return ok(groups);
}

function readGroup(row: readonly string[]): PartitionNodes | undefined {
  const value = (field: (typeof fields)[number]): string => (row[fields.indexOf(field)] ?? '').trim();
  const partition = value('Partition');
  const nodeCount = parseInteger(value('Nodes'));
  if (partition === '' || nodeCount === null) return undefined;
  return {
    partition: partition.replace(/\*$/, ''),
    default: partition.endsWith('*'),
    up: value('Available') === 'up',
    maxTimeMinutes: parseTimeLimitMinutes(value('Time')),
    nodes: value('NodeList'),
    nodeCount,
    state: parseNodeState(value('StateLong')),
    cpus: parseInteger(value('CPUs')) ?? 0,
    memoryMiB: parseMemoryMiB(value('Memory')) ?? 0,
    gpus: parseGresGpus(value('Gres')),
    features: orNull(value('Features'))?.split(',') ?? [],
  };
}
