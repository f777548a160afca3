import type { ClusterProfile } from './profile.ts';

/**
 * A profile that was read anew, with what the user had decided in the one before: the defaults, and what was added by
 * hand and can't be found by looking (answers about GPUs, images, programs and weights of other places). The root stays
 * unless another one is asked for: deployments live there. What only a compute node can tell stays where none was looked
 * at this time.
 */
export function keepDecisions(
  before: ClusterProfile,
  now: ClusterProfile,
  asked: { readonly root: boolean; readonly node: boolean },
): ClusterProfile {
  const models = new Map(
    before.partitions.flatMap((partition) =>
      partition.nodes.flatMap((group) =>
        group.gpus.flatMap((gpu) =>
          gpu.model === undefined ? [] : [[gpuPlace(partition.name, gpu.gres), gpu.model]],
        ),
      ),
    ) as [string, string][],
  );
  return {
    ...now,
    connection: { ...before.connection, ...now.connection },
    root: asked.root ? now.root : before.root,
    partitions: now.partitions.map((partition) => ({
      ...partition,
      nodes: partition.nodes.map((group) => ({
        ...group,
        gpus: group.gpus.map((gpu) => {
          const model = gpu.model ?? models.get(gpuPlace(partition.name, gpu.gres));
          return { ...gpu, ...(model === undefined ? {} : { model }) };
        }),
      })),
    })),
    ...(asked.node ? {} : seenOnNode(before, now)),
    images: withFormer(before.images, now.images),
    programs: withFormer(before.programs, now.programs),
    models: withFormer(before.models, now.models),
    defaults: defaultsThatExist(before, now),
  };
}

function seenOnNode(
  before: ClusterProfile,
  now: ClusterProfile,
): Pick<ClusterProfile, 'interfaces' | 'fileSystems'> {
  const former = new Map(before.fileSystems.map(({ path, shared }) => [path, shared]));
  return {
    interfaces: before.interfaces,
    fileSystems: now.fileSystems.map((one) => ({ ...one, shared: former.get(one.path) ?? one.shared })),
  };
}

function gpuPlace(partition: string, gres: string | undefined): string {
  return `${partition} ${gres ?? ''}`;
}

/** A user's entry wins over one that was found at the same path: its name may have been corrected. */
function withFormer<T extends { readonly path: string }>(before: readonly T[], now: readonly T[]): T[] {
  return [...before, ...now.filter((item) => !before.some((former) => former.path === item.path))];
}

function defaultsThatExist(before: ClusterProfile, now: ClusterProfile): ClusterProfile['defaults'] {
  const { partition, account, qos, ...rest } = before.defaults;
  const has = (items: readonly { readonly name: string }[], name: string): boolean =>
    items.length === 0 || items.some((item) => item.name === name);
  return {
    ...rest,
    ...(partition !== undefined && has(now.partitions, partition) ? { partition } : {}),
    ...(account !== undefined && has(now.accounts, account) ? { account } : {}),
    ...(qos !== undefined && has(now.qos, qos) ? { qos } : {}),
  };
}

/**
 * Parts of the profile that differ, by their keys. Sizes of disks change every minute, and addresses are those of the node
 * that was looked at: they don't count.
 */
export function changedParts(before: ClusterProfile, now: ClusterProfile): readonly string[] {
  const settled = (profile: ClusterProfile): Readonly<Record<string, unknown>> => ({
    ...profile,
    fileSystems: profile.fileSystems.map(({ path, type, shared, writable }) => ({
      path,
      type,
      shared,
      writable,
    })),
    interfaces: profile.interfaces.map(({ name, kind }) => ({ name, kind })),
  });
  const a = settled(before);
  const b = settled(now);
  return Object.keys(b).filter((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]));
}
