import type { ClusterProfile, ProfilePartition } from '../cluster/profile.ts';
import type { Request } from './request.ts';
import { minutesOf, type TimeLimit } from './walltime.ts';

/** A bound on the GPUs of one job, and whose it is. */
export interface GpuLimit {
  readonly owner: string;
  readonly gpus: number;
}

/** As whom a job runs in a partition, and what that allows. */
export interface Access {
  readonly account: string | null;
  readonly qos: string | null;
  /** Its jobs may be stopped for others, by the partition's rule or the QOS'. */
  readonly preemptible: boolean;
  readonly times: readonly TimeLimit[];
  readonly gpus: readonly GpuLimit[];
}

type Choice =
  { readonly ok: true; readonly name: string | null } | { readonly ok: false; readonly reason: string };

/** Picks a name that is wanted and allowed; null leaves it to Slurm where nothing is restricted. */
function choose(
  what: string,
  wanted: { readonly asked: string | undefined; readonly usual: readonly (string | undefined)[] },
  allowed: readonly string[] | undefined,
): Choice {
  const permits = (name: string): boolean => allowed === undefined || allowed.includes(name);
  if (wanted.asked !== undefined) {
    if (permits(wanted.asked)) return { ok: true, name: wanted.asked };
    return {
      ok: false,
      reason: `${what} ${wanted.asked} is not allowed; ${(allowed ?? []).join(', ')} would be`,
    };
  }
  const usual = wanted.usual.find((name) => name !== undefined && permits(name));
  if (usual !== undefined) return { ok: true, name: usual };
  if (allowed === undefined) return { ok: true, name: null };
  const first = allowed[0];
  return first === undefined
    ? { ok: false, reason: `no ${what} of yours is allowed` }
    : { ok: true, name: first };
}

/** Names that both lists have; an absent list restricts nothing. */
function both(
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
): string[] | undefined {
  if (one === undefined) return other === undefined ? undefined : [...other];
  return one.filter((name) => other === undefined || other.includes(name));
}

function chooseAccount(profile: ClusterProfile, partition: ProfilePartition, request: Request): Choice {
  const usable = profile.accounts.filter(
    ({ partition: only }) => (only ?? partition.name) === partition.name,
  );
  const own = profile.accounts.length === 0 ? undefined : usable.map(({ name }) => name);
  const usual = [profile.defaults.account, usable.find((account) => account.default)?.name];
  return choose('account', { asked: request.account, usual }, both(own, partition.accounts));
}

type Association = ClusterProfile['accounts'][number] | undefined;

/** Slurm picks the association's default QOS by itself; one is named only where it was asked for or is restricted. */
function chooseQos(
  profile: ClusterProfile,
  partition: ProfilePartition,
  association: Association,
  request: Request,
): Choice {
  if (request.qos === undefined && partition.qos === undefined) {
    return { ok: true, name: profile.defaults.qos ?? null };
  }
  const owned = association !== undefined && association.qos.length > 0 ? association.qos : undefined;
  const usual = [profile.defaults.qos, association?.defaultQos];
  return choose('QOS', { asked: request.qos, usual }, both(owned, partition.qos));
}

/** Account, QOS and their limits for a job in `partition`, or the reason why there are none. */
export function chooseAccess(
  profile: ClusterProfile,
  partition: ProfilePartition,
  request: Request,
): { readonly ok: true; readonly access: Access } | { readonly ok: false; readonly reason: string } {
  const account = chooseAccount(profile, partition, request);
  if (!account.ok) return account;
  const association = profile.accounts.find(
    ({ name, partition: only }) => name === account.name && (only ?? partition.name) === partition.name,
  );
  const qos = chooseQos(profile, partition, association, request);
  if (!qos.ok) return qos;
  const rules = profile.qos.find(({ name }) => name === (qos.name ?? association?.defaultQos));
  return {
    ok: true,
    access: { account: account.name, qos: qos.name, ...limitsOf(partition, association, rules) },
  };
}

function limitsOf(
  partition: ProfilePartition,
  association: Association,
  qos: ClusterProfile['qos'][number] | undefined,
): Pick<Access, 'preemptible' | 'times' | 'gpus'> {
  const ofPartition = { owner: `partition ${partition.name}`, minutes: minutesOf(partition.maxTime) };
  const ofAccount = association === undefined ? none : accountLimits(association);
  const ofQos = qos === undefined ? none : qosLimits(qos);
  return {
    preemptible: partition.preemptible || qos?.preemptible === true,
    times: [ofPartition, ...ofAccount.times, ...ofQos.times],
    gpus: [...ofAccount.gpus, ...ofQos.gpus],
  };
}

type Limits = Pick<Access, 'times' | 'gpus'>;

const none: Limits = { times: [], gpus: [] };

function accountLimits({ name, maxTime, maxGpus, maxGpusPerJob }: NonNullable<Association>): Limits {
  const owner = `account ${name}`;
  return { times: timeLimit(owner, maxTime), gpus: gpuLimit(owner, maxGpusPerJob, maxGpus) };
}

function qosLimits(qos: ClusterProfile['qos'][number]): Limits {
  const owner = `QOS ${qos.name}`;
  return {
    times: timeLimit(owner, qos.maxTime),
    gpus: gpuLimit(owner, qos.maxGpusPerJob, qos.maxGpusPerUser, qos.maxGpus),
  };
}

function timeLimit(owner: string, time: string | undefined): readonly TimeLimit[] {
  return time === undefined ? [] : [{ owner, minutes: minutesOf(time) }];
}

function gpuLimit(owner: string, ...limits: readonly (number | undefined)[]): readonly GpuLimit[] {
  return limits.flatMap((gpus) => (gpus === undefined ? [] : [{ owner, gpus }]));
}
