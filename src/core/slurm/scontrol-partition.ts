import { parseTimeLimitMinutes } from './duration.ts';
import { orNull, parseInteger } from './fields.ts';
import { parseMemoryMiB } from './memory.ts';
import { list, parseScontrolRecords, type ScontrolRecord } from './scontrol-records.ts';
import { parseTres, type Tres } from './tres.ts';

/** A partition. Limits are null where there is none; lists are null where all are allowed. */
export interface SlurmPartition {
  readonly name: string;
  readonly default: boolean;
  readonly up: boolean;
  readonly maxTimeMinutes: number | null;
  readonly defaultTimeMinutes: number | null;
  readonly minNodes: number;
  readonly maxNodes: number | null;
  readonly nodes: string;
  readonly priorityTier: number;
  /** What befalls its jobs where the cluster's PreemptType lets others go first: OFF, REQUEUE, CANCEL, SUSPEND, … */
  readonly preemptMode: string | null;
  readonly allowAccounts: readonly string[] | null;
  readonly denyAccounts: readonly string[];
  readonly allowQos: readonly string[] | null;
  readonly denyQos: readonly string[];
  /** Unix groups. */
  readonly allowGroups: readonly string[] | null;
  /** The QOS whose limits hold for the whole partition. */
  readonly qos: string | null;
  readonly maxMemoryPerNodeMiB: number | null;
  readonly requiresReservation: boolean;
  readonly rootOnly: boolean;
  readonly totalNodes: number;
  /** Of all its nodes together. */
  readonly tres: Tres;
}

/** Reads `scontrol --oneliner show partition`. */
export function parsePartitions(text: string): readonly SlurmPartition[] {
  return parseScontrolRecords(text).map(readPartition);
}

function readPartition(record: ScontrolRecord): SlurmPartition {
  const value = (key: string): string => record.get(key) ?? '';
  return {
    name: value('PartitionName'),
    default: value('Default') === 'YES',
    up: value('State') === 'UP',
    maxTimeMinutes: parseTimeLimitMinutes(value('MaxTime')),
    defaultTimeMinutes: parseTimeLimitMinutes(value('DefaultTime')),
    minNodes: parseInteger(value('MinNodes')) ?? 0,
    maxNodes: parseInteger(value('MaxNodes')),
    nodes: orNull(value('Nodes')) ?? '',
    priorityTier: parseInteger(value('PriorityTier')) ?? 1,
    preemptMode: orNull(value('PreemptMode')),
    allowAccounts: allowed(value('AllowAccounts')),
    denyAccounts: list(value('DenyAccounts')),
    allowQos: allowed(value('AllowQos')),
    denyQos: list(value('DenyQos')),
    allowGroups: allowed(value('AllowGroups')),
    qos: orNull(value('QoS')),
    maxMemoryPerNodeMiB: parseMemoryMiB(value('MaxMemPerNode')),
    requiresReservation: value('ReqResv') === 'YES',
    rootOnly: value('RootOnly') === 'YES',
    totalNodes: parseInteger(value('TotalNodes')) ?? 0,
    tres: parseTres(value('TRES')),
  };
}

function allowed(text: string): readonly string[] | null {
  return text === 'ALL' || text === '' ? null : list(text);
}
