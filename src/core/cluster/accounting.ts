import { parseInteger } from '../slurm/fields.ts';
import { gpusIn, parseTres } from '../slurm/tres.ts';
import { slurmTime } from './partitions.ts';
import type { ClusterProfile } from './profile.ts';
import { listOf, type Attributes } from './slurm-facts.ts';

export type Account = ClusterProfile['accounts'][number];
export type Qos = ClusterProfile['qos'][number];

/** GPUs in a limit such as `cpu=64,gres/gpu=4`; undefined where GPUs are not limited. */
function gpuLimit(tres: string | undefined): number | undefined {
  const limits = parseTres(tres ?? '');
  return [...limits.keys()].some((name) => name.startsWith('gres/gpu')) ? gpusIn(limits) : undefined;
}

/** `{ [key]: value }`, or nothing where there is no value: an absent key is shorter than an empty one. */
function given<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}

/**
 * The user's associations in `sacctmgr --parsable2 show associations`. Rows of other clusters of the same database are
 * passed over. `defaultAccount` is the one that Slurm charges when a job names none.
 */
export function accountsOf(
  rows: readonly Attributes[],
  clusterName: string | undefined,
  defaultAccount: string | undefined,
): readonly Account[] {
  const here = rows.filter((row) => clusterName === undefined || row.get('Cluster') === clusterName);
  return here.flatMap((row) => {
    const name = row.get('Account') ?? '';
    if (name === '') return [];
    const partition = row.get('Partition');
    const defaultQos = row.get('Def QOS') ?? row.get('DefaultQOS');
    return [
      {
        name,
        default: name === defaultAccount,
        ...given('partition', partition === '' ? undefined : partition),
        qos: [...(listOf(row.get('QOS')) ?? [])],
        ...given('defaultQos', defaultQos === '' ? undefined : defaultQos),
        ...given('maxGpus', gpuLimit(row.get('GrpTRES'))),
        ...given('maxGpusPerJob', gpuLimit(row.get('MaxTRES'))),
        ...given('maxTime', slurmTime(row.get('MaxWall'))),
      },
    ];
  });
}

/** The QOS in `sacctmgr --parsable2 show qos`. With `usable`, those that one of the user's associations may use. */
export function qosOf(
  rows: readonly Attributes[],
  usable: readonly string[],
  config: Attributes,
): readonly Qos[] {
  const preempts = config.get('PreemptType') === 'preempt/qos';
  const victims = new Set(preempts ? rows.flatMap((row) => listOf(row.get('Preempt')) ?? []) : []);
  return rows.flatMap((row) => {
    const name = row.get('Name') ?? '';
    if (name === '' || (usable.length > 0 && !usable.includes(name))) return [];
    return [
      {
        name,
        priority: parseInteger(row.get('Priority') ?? '') ?? 0,
        ...given('maxTime', slurmTime(row.get('MaxWall'))),
        ...given('maxGpusPerJob', gpuLimit(row.get('MaxTRES'))),
        ...given('maxGpusPerUser', gpuLimit(row.get('MaxTRESPU'))),
        ...given('maxGpus', gpuLimit(row.get('GrpTRES'))),
        ...given('maxJobsPerUser', parseInteger(row.get('MaxJobsPU') ?? '') ?? undefined),
        preemptible: victims.has(name),
      },
    ];
  });
}
