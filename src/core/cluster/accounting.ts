import { formatSlurmMinutes } from '../slurm/duration.ts';
import type { Association, QualityOfService } from '../slurm/sacctmgr.ts';
import { gpusIn, type Tres } from '../slurm/tres.ts';
import { given } from './given.ts';
import type { ClusterProfile } from './profile.ts';

type Account = ClusterProfile['accounts'][number];
type Qos = ClusterProfile['qos'][number];

/** GPUs in a limit such as `cpu=64,gres/gpu=4`; undefined where GPUs are not limited. */
function gpuLimit(limits: Tres): number | undefined {
  return [...limits.keys()].some((name) => name.startsWith('gres/gpu')) ? gpusIn(limits) : undefined;
}

function limitText(minutes: number | null): string | null {
  return minutes === null ? null : formatSlurmMinutes(minutes);
}

/**
 * The user's associations with this cluster, for the profile. `defaultAccount` is the one that Slurm charges when a job
 * names none.
 */
export function accountsOf(
  associations: readonly Association[],
  defaultAccount: string | undefined,
): readonly Account[] {
  return associations
    .filter(({ account }) => account !== '')
    .map((one) => ({
      name: one.account,
      default: one.account === defaultAccount,
      ...given('partition', one.partition),
      qos: [...one.qos],
      ...given('defaultQos', one.defaultQos),
      ...given('maxGpus', gpuLimit(one.groupTres)),
      ...given('maxGpusPerJob', gpuLimit(one.maxTres)),
      ...given('maxTime', limitText(one.maxTimeMinutes)),
    }));
}

/**
 * The QOS for the profile: those that the user's associations list, or all where none is listed. The jobs of `preemptees`
 * may be stopped for those of another QOS.
 */
export function qosOf(
  all: readonly QualityOfService[],
  usable: readonly string[],
  preemptees: readonly string[],
): readonly Qos[] {
  return all
    .filter(({ name }) => name !== '' && (usable.length === 0 || usable.includes(name)))
    .map((qos) => ({
      name: qos.name,
      priority: qos.priority,
      ...given('maxTime', limitText(qos.maxTimeMinutes)),
      ...given('maxGpusPerJob', gpuLimit(qos.maxTresPerJob)),
      ...given('maxGpusPerUser', gpuLimit(qos.maxTresPerUser)),
      ...given('maxGpus', gpuLimit(qos.groupTres)),
      ...given('maxJobsPerUser', qos.maxJobsPerUser),
      preemptible: preemptees.includes(qos.name),
    }));
}
