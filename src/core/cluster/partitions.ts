import { formatSlurmMinutes } from '../slurm/duration.ts';
import { compressNodeList } from '../slurm/nodelist.ts';
import type { SlurmNode } from '../slurm/scontrol-node.ts';
import type { SlurmPartition } from '../slurm/scontrol-partition.ts';
import { gpusIn } from '../slurm/tres.ts';
import { given } from './given.ts';
import type { ProfileNodeGroup, ProfilePartition } from './profile.ts';

/** What decides whether and how the user may use a partition. */
export interface User {
  readonly groups: readonly string[];
  /** Names of the user's accounts; empty where they are not known. */
  readonly accounts: readonly string[];
  readonly qos: readonly string[];
}

/** A partition as the profile holds it, or why it is left out. */
export interface PartitionFinding {
  readonly name: string;
  readonly partition: ProfilePartition;
  /** Why jobs of this user can't run there; undefined where they can. */
  readonly closed: string | undefined;
}

/** Which GPU of the catalog a node has; undefined where the words leave it open. */
export type RecogniseGpu = (
  gres: string | null,
  features: readonly string[],
  memoryMiB?: number,
) => string | undefined;

/** Slurm's partitions, each with its nodes and whether it is open to the user. */
export function partitionsOf(
  partitions: readonly SlurmPartition[],
  nodes: readonly SlurmNode[],
  preemptType: string | null,
  user: User,
): readonly PartitionFinding[] {
  return partitions.map((one) => {
    const own = nodes.filter((node) => node.partitions.includes(one.name) && isReal(node));
    const accounts = allowed(one.allowAccounts, one.denyAccounts, user.accounts);
    const qos = allowed(one.allowQos, one.denyQos, user.qos);
    return {
      name: one.name,
      closed: whyClosed(one, user, accounts),
      partition: {
        name: one.name,
        default: one.default,
        up: one.up,
        maxTime: limitText(one.maxTimeMinutes) ?? 'UNLIMITED',
        ...given('defaultTime', limitText(one.defaultTimeMinutes)),
        ...given('maxNodes', one.maxNodes === 0 ? null : one.maxNodes),
        preemptible: preemptType === 'preempt/partition_prio' && yieldsToOthers(one, partitions, nodes),
        priority: one.priorityTier,
        ...given('accounts', accounts),
        ...given('qos', qos),
        nodes: own.length > 0 ? groupNodes(own) : groupFromTotals(one),
      },
    };
  });
}

/** Nodes that don't exist yet (FUTURE), or whose size Slurm does not know, take no job. */
function isReal(node: SlurmNode): boolean {
  return node.cpus >= 1 && node.memoryMiB >= 1 && !node.state.words.includes('future');
}

function limitText(minutes: number | null): string | null {
  return minutes === null ? null : formatSlurmMinutes(minutes);
}

/** Names that are allowed; null where all are. A list of denied names counts against the `known` ones. */
function allowed(
  listed: readonly string[] | null,
  denied: readonly string[],
  known: readonly string[],
): string[] | null {
  if (listed !== null) return [...listed];
  const left = known.filter((name) => !denied.includes(name));
  return left.length === known.length ? null : left;
}

function whyClosed(one: SlurmPartition, user: User, accounts: readonly string[] | null): string | undefined {
  const shares = (names: readonly string[] | null, own: readonly string[]): boolean =>
    names === null || own.length === 0 || names.some((name) => own.includes(name));
  if (one.rootOnly) return 'only root may use it';
  if (one.requiresReservation) return 'it takes jobs of a reservation only';
  if (!shares(one.allowGroups, user.groups))
    return `it is for the groups ${(one.allowGroups ?? []).join(', ')}`;
  if (!shares(accounts, user.accounts)) return 'it is for other accounts than yours';
  return undefined;
}

/**
 * Under preempt/partition_prio, jobs yield to those of a partition with a higher PriorityTier on the same nodes, unless
 * their own partition says PreemptMode=OFF. (Under preempt/qos it is the QOS that decides, not the partition.)
 */
function yieldsToOthers(
  one: SlurmPartition,
  partitions: readonly SlurmPartition[],
  nodes: readonly SlurmNode[],
): boolean {
  if (one.preemptMode === null || one.preemptMode === 'OFF') return false;
  const higher = partitions
    .filter((other) => other.priorityTier > one.priorityTier)
    .map((other) => other.name);
  if (nodes.length === 0) return higher.length > 0;
  return nodes.some(
    (node) => node.partitions.includes(one.name) && node.partitions.some((name) => higher.includes(name)),
  );
}

/** Nodes of the same shape together, in the order of their first node. */
function groupNodes(nodes: readonly SlurmNode[]): ProfileNodeGroup[] {
  const shapes = new Map<string, SlurmNode[]>();
  for (const node of nodes) {
    const shape = JSON.stringify([node.cpus, node.memoryMiB, node.gpus, node.features]);
    const group = shapes.get(shape);
    if (group === undefined) shapes.set(shape, [node]);
    else group.push(node);
  }
  return [...shapes.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return [
      {
        names: compressNodeList(group.map((node) => node.name)),
        count: group.length,
        cpus: first.cpus,
        memoryMiB: first.memoryMiB,
        gpus: first.gpus
          .filter(({ count }) => count > 0)
          .map(({ type, count }) => ({ ...(type === null ? {} : { gres: type }), count })),
        features: [...first.features],
      },
    ];
  });
}

/** Where the nodes are hidden (PrivateData=nodes): the partition's totals, spread evenly over its nodes. */
function groupFromTotals({ nodes, totalNodes, tres }: SlurmPartition): ProfileNodeGroup[] {
  const perNode = (total: number | undefined): number => Math.floor((total ?? 0) / totalNodes);
  const cpus = perNode(tres.get('cpu'));
  const memoryMiB = perNode(tres.get('mem'));
  if (totalNodes < 1 || nodes === '' || cpus < 1 || memoryMiB < 1) return [];
  const typed = [...tres]
    .filter(([name]) => name.startsWith('gres/gpu:'))
    .map(([name, total]) => ({ gres: name.slice('gres/gpu:'.length), count: perNode(total) }));
  const gpus = typed.length > 0 ? typed : [{ count: perNode(gpusIn(tres)) }];
  return [
    {
      names: nodes,
      count: totalNodes,
      cpus,
      memoryMiB,
      gpus: gpus.filter(({ count }) => count > 0),
      features: [],
    },
  ];
}

/**
 * The partitions with the catalog's GPU written to each gres: as `answers` say by `gpuKey`, else as its words
 * tell, else as the answer `*` for all others says.
 */
export function nameGpus(
  partitions: readonly ProfilePartition[],
  recognise: RecogniseGpu,
  answers: ReadonlyMap<string, string>,
): ProfilePartition[] {
  return partitions.map((partition) => ({
    ...partition,
    nodes: partition.nodes.map((group) => ({
      ...group,
      gpus: group.gpus.map((gpu) => {
        const key = gpuKey(gpu.gres, group.features);
        const model = answers.get(key) ?? recognise(gpu.gres ?? null, group.features) ?? answers.get('*');
        return { ...given('gres', gpu.gres), ...given('model', model), count: gpu.count };
      }),
    })),
  }));
}

/** Tells kinds of GPU apart as Slurm describes them: by type, or by the features of the node. */
export function gpuKey(gres: string | undefined, features: readonly string[]): string {
  return gres ?? `features ${features.join(',')}`;
}
