import type * as z from 'zod';
import { accountsOf, qosOf } from './accounting.ts';
import { imagesOf, programsOf, weightsOf, type RecogniseModel } from './artefacts.ts';
import { chooseRoot, type RootChoice } from './choose-root.ts';
import { given } from './given.ts';
import { fileSystemsOf, readDisks, readQuotas, type FileSystem } from './disks.ts';
import { interfacesOf, gpusSeen, sharesOf } from './node-look.ts';
import { gpuKey, nameGpus, partitionsOf, type PartitionFinding, type RecogniseGpu } from './partitions.ts';
import { mpiPlugins, type Probe } from './probe.ts';
import * as shape from './profile.ts';
import { modulesOf, runtimesOf } from './runtimes.ts';
import { valueOf, type Section } from './sections.ts';

/** What the profile takes from elsewhere than the cluster. */
export interface AssembleOptions {
  readonly name: string;
  readonly connection: shape.ClusterProfile['connection'];
  /** Chosen by the user; undefined: the best place that was found. */
  readonly root: string | undefined;
  readonly recogniseGpu: RecogniseGpu;
  readonly recogniseModel: RecogniseModel;
  /** GPUs of the catalog by `gpuKey`, as the user answered. */
  readonly gpus: ReadonlyMap<string, string>;
}

/** A profile of what was found, with what has to be said about it. */
export interface Assembled {
  readonly profile: shape.ClusterProfile;
  readonly root: RootChoice;
  /** Partitions that are left out, and why. */
  readonly closed: readonly PartitionFinding[];
  /** GPUs that Slurm's words leave open. */
  readonly unknownGpus: readonly UnknownGpu[];
  /** Images whose engine is not known. */
  readonly unknownImages: readonly string[];
  /** Names that no profile can hold, such as an account with a space. */
  readonly unusable: readonly string[];
}

/** A kind of GPU that is not recognised, and the first place in the profile where its model belongs. */
export interface UnknownGpu {
  readonly key: string;
  readonly gres: string | undefined;
  readonly features: readonly string[];
  readonly nodes: string;
  readonly count: number;
  readonly path: string;
}

/** The profile of a cluster from what its login host and, where one was looked at, a compute node said. */
export function assemble(probe: Probe, node: Section | undefined, options: AssembleOptions): Assembled {
  const unusable: string[] = [];
  const { sections, config } = probe;
  const seen = node?.status === 0 ? node : undefined;
  const accounting = sections.get('sacct')?.status === 0;
  const accounts = accounting
    ? usable(shape.Account, accountsOf(probe.associations, probe.defaultAccount), unusable)
    : [];
  const ownQos = [...new Set(accounts.flatMap((account) => account.qos))];
  const qos = accounting
    ? usable(
        shape.Qos,
        qosOf(probe.qos, ownQos, config.preemptType === 'preempt/qos' ? probe.preemptees : []),
        unusable,
      )
    : [];

  const { open, closed } = sortPartitions(probe, accounts, ownQos);
  const partitions = usable(shape.Partition, open, unusable);
  const answers = new Map([
    ...(seen === undefined ? [] : gpusSeen(seen, partitions, options.recogniseGpu)),
    ...options.gpus,
  ]);
  const named = nameGpus(partitions, options.recogniseGpu, answers);

  const fileSystems = usable(shape.FileSystem, fileSystemsIn(probe, seen), unusable);
  const root: RootChoice =
    options.root === undefined
      ? chooseRoot(fileSystems, probe.home, probe.user)
      : { path: options.root, because: 'you chose it' };
  const { images, unknown } = imagesOf(sections);
  const profile: shape.ClusterProfile = {
    name: options.name,
    connection: options.connection,
    root: root.path,
    slurm: slurmOf(probe, accounting),
    timeZone: probe.timeZone ?? 'UTC',
    partitions: named,
    accounts: accounts.filter((account) => knowsPartition(account.partition, named)),
    qos,
    runtimes: usable(shape.Runtime, runtimesOf(sections, seen), unusable),
    modules: [...modulesOf(sections.get('login-shell'))],
    fileSystems,
    interfaces: seen === undefined ? [] : usable(shape.Interface, interfacesOf(seen), unusable),
    reservations: usable(shape.Reservation, reservationsOf(probe), unusable),
    images: usable(shape.Image, images, unusable),
    programs: usable(shape.Program, programsOf(seen ?? sections.get('programs')), unusable),
    models: usable(shape.Weights, weightsOf(sections.get('files'), options.recogniseModel), unusable),
    defaults: {},
  };
  return { profile, root, closed, unknownGpus: unknownGpus(named), unknownImages: unknown, unusable };
}

/** The items that a profile can hold; the others are named in `unusable`: one odd name must not cost the profile. */
function usable<T extends z.ZodType>(
  schema: T,
  items: readonly z.output<T>[],
  unusable: string[],
): z.output<T>[] {
  return items.flatMap((item) => {
    const checked = schema.safeParse(item);
    if (checked.success) return [checked.data];
    unusable.push(JSON.stringify(item).slice(0, 200));
    return [];
  });
}

function knowsPartition(name: string | undefined, partitions: readonly shape.ProfilePartition[]): boolean {
  return name === undefined || partitions.some((partition) => partition.name === name);
}

/** Partitions that the user's jobs can run in; all of them where that would leave none, for then we misread a rule. */
function sortPartitions(
  probe: Probe,
  accounts: readonly { readonly name: string }[],
  qos: readonly string[],
): { readonly open: readonly shape.ProfilePartition[]; readonly closed: readonly PartitionFinding[] } {
  const user = { groups: probe.groups, accounts: [...new Set(accounts.map((account) => account.name))], qos };
  const all = partitionsOf(probe.partitions, probe.nodes, probe.config.preemptType, user);
  const open = all.filter((finding) => finding.closed === undefined);
  if (open.length === 0) return { open: all.map((finding) => finding.partition), closed: [] };
  return {
    open: open.map((finding) => finding.partition),
    closed: all.filter((finding) => finding.closed !== undefined),
  };
}

function slurmOf(probe: Probe, accounting: boolean): shape.ClusterProfile['slurm'] {
  const { config, sections } = probe;
  const isConfigured = sections.get('config')?.status === 0;
  return {
    version: probe.version,
    ...given('clusterName', config.clusterName),
    ...given('bin', probe.slurmBin),
    accounting,
    mpi: [...mpiPlugins(sections.get('mpi'))],
    ...given('defaultMpi', config.defaultMpi),
    scrontab: config.scron && valueOf(sections.get('identity'), 'scrontab') === 'yes',
    ...given('minJobAgeSeconds', config.minJobAgeSeconds),
    ...given('enforcesPartitionLimits', isConfigured ? config.enforcesPartitionLimits : undefined),
  };
}

function fileSystemsIn(probe: Probe, node: Section | undefined): readonly FileSystem[] {
  const { sections, home } = probe;
  const quotas = readQuotas(sections.get('quota'), sections.get('lustre-quota'));
  return fileSystemsOf(
    readDisks(sections.get('disks')),
    quotas,
    home,
    node === undefined ? undefined : sharesOf(node),
  );
}

function reservationsOf(probe: Probe): readonly z.output<typeof shape.Reservation>[] {
  const iso = (seconds: number | null): string =>
    seconds === null ? 'unknown' : new Date(seconds * 1000).toISOString();
  return probe.reservations.map(({ name, start, end, nodes, flags, users, accounts }) => ({
    name,
    start: iso(start),
    end: iso(end),
    nodes,
    flags: [...flags],
    users: [...users],
    accounts: [...accounts],
  }));
}

function unknownGpus(partitions: readonly shape.ProfilePartition[]): readonly UnknownGpu[] {
  const unknown = new Map<string, UnknownGpu>();
  for (const [p, partition] of partitions.entries()) {
    for (const [n, group] of partition.nodes.entries()) {
      for (const [g, gpu] of group.gpus.entries()) {
        const key = gpuKey(gpu.gres, group.features);
        if (gpu.model !== undefined || unknown.has(key)) continue;
        unknown.set(key, {
          key,
          gres: gpu.gres,
          features: group.features,
          nodes: group.names,
          count: gpu.count,
          path: `partitions[${p}].nodes[${n}].gpus[${g}]`,
        });
      }
    }
  }
  return [...unknown.values()];
}
