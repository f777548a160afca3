import { orNull, parseInteger } from './fields.ts';

/** What counts of Slurm's configuration, from `scontrol show config`. */
export interface SlurmConfig {
  readonly clusterName: string | null;
  readonly version: string | null;
  /** Whether accounting goes to a database that sacct can ask. */
  readonly accounting: boolean;
  /** Seconds that ended jobs stay in squeue. */
  readonly minJobAgeSeconds: number | null;
  /** Whether sbatch refuses a job that breaks its partition's limits; else it waits for ever. */
  readonly enforcesPartitionLimits: boolean;
  readonly defaultMpi: string | null;
  /** `preempt/none`, `preempt/partition_prio` or `preempt/qos`. */
  readonly preemptType: string | null;
  /** Whether scrontab is served. */
  readonly scron: boolean;
  /** Whether other users' jobs, and so their command lines, are hidden. */
  readonly privateJobs: boolean;
}

/** Reads `scontrol show config`; what is missing is null or false. */
export function parseSlurmConfig(text: string): SlurmConfig {
  const settings = parseSettings(text);
  const value = (key: string): string => settings.get(key) ?? '';
  return {
    clusterName: orNull(value('ClusterName')),
    version: orNull(value('SLURM_VERSION')),
    accounting: value('AccountingStorageType').endsWith('slurmdbd'),
    minJobAgeSeconds: parseInteger(value('MinJobAge').replace(/ sec$/, '')),
    enforcesPartitionLimits: ['ALL', 'ANY', 'YES'].includes(value('EnforcePartLimits').toUpperCase()),
    defaultMpi: orNull(value('MpiDefault')),
    preemptType: orNull(value('PreemptType')),
    scron: value('ScronParameters').split(',').includes('enable'),
    privateJobs: value('PrivateData').split(',').includes('jobs'),
  };
}

/** `Name = value` a line. */
function parseSettings(text: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^([A-Za-z][A-Za-z0-9_]{0,60})\s{0,40}=\s?(.*)$/.exec(line);
    if (match?.[1] !== undefined) settings.set(match[1], (match[2] ?? '').trim());
  }
  return settings;
}
