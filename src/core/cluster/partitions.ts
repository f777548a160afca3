import { formatSlurmSeconds, parseSlurmDuration } from '../slurm/duration.ts';
import { parseInteger } from '../slurm/fields.ts';
import { compressNodeList } from '../slurm/nodelist.ts';
import { gpusIn, parseTres } from '../slurm/tres.ts';
import type { ProfileNodeGroup, ProfilePartition } from './profile.ts';
import { listOf, type Attributes, type Node } from './slurm-facts.ts';

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

/** The partitions of `scontrol show partition`, each with its nodes. */
export function partitionsOf(
  records: readonly Attributes[],
  nodes: readonly Node[],
  config: Attributes,
  user: User,
): readonly PartitionFinding[] {
  return records.map((record) => {
    const name = record.get('PartitionName') ?? '';
    const own = nodes.filter((node) => node.partitions.includes(name));
    const maxNodes = parseInteger(record.get('MaxNodes') ?? '') ?? 0;
    const defaultTime = slurmTime(record.get('DefaultTime'));
    const accounts = allowed(record.get('AllowAccounts'), record.get('DenyAccounts'), user.accounts);
    const qos = allowed(record.get('AllowQos'), record.get('DenyQos'), user.qos);
    return {
      name,
      closed: whyClosed(record, user, accounts),
      partition: {
        name,
        default: record.get('Default') === 'YES',
        up: record.get('State') === undefined || record.get('State') === 'UP',
        maxTime: slurmTime(record.get('MaxTime')) ?? 'UNLIMITED',
        ...(defaultTime === undefined ? {} : { defaultTime }),
        ...(maxNodes > 0 ? { maxNodes } : {}),
        preemptible: isPreemptible(record, records, nodes, config),
        priority: priorityOf(record),
        ...(accounts === undefined ? {} : { accounts: [...accounts] }),
        ...(qos === undefined ? {} : { qos: [...qos] }),
        nodes: own.length > 0 ? groupNodes(own) : groupFromTotals(record),
      },
    };
  });
}

/** A time in the form that profiles use; undefined for NONE and what is no time. */
export function slurmTime(text: string | undefined): string | undefined {
  const seconds = parseSlurmDuration(text ?? '');
  if (seconds === null) return undefined;
  return seconds === 'unlimited' ? 'UNLIMITED' : formatSlurmSeconds(seconds);
}

/** Names that are allowed; undefined where all are. A list of denied names counts against the `known` ones. */
function allowed(
  allow: string | undefined,
  deny: string | undefined,
  known: readonly string[],
): readonly string[] | undefined {
  const listed = listOf(allow);
  if (listed !== undefined) return listed;
  const denied = listOf(deny) ?? [];
  const left = known.filter((name) => !denied.includes(name));
  return left.length === known.length ? undefined : left;
}

function whyClosed(
  record: Attributes,
  user: User,
  accounts: readonly string[] | undefined,
): string | undefined {
  if (record.get('RootOnly') === 'YES') return 'only root may use it';
  if (record.get('ReqResv') === 'YES') return 'it takes jobs of a reservation only';
  const groups = listOf(record.get('AllowGroups'));
  if (
    groups !== undefined &&
    user.groups.length > 0 &&
    !groups.some((group) => user.groups.includes(group))
  ) {
    return `it is for the groups ${groups.join(', ')}`;
  }
  if (
    accounts !== undefined &&
    user.accounts.length > 0 &&
    !accounts.some((name) => user.accounts.includes(name))
  ) {
    return 'it is for other accounts than yours';
  }
  return undefined;
}

function priorityOf(record: Attributes): number {
  return parseInteger(record.get('PriorityTier') ?? '') ?? 1;
}

/**
 * Under preempt/partition_prio, jobs yield to those of a partition with a higher PriorityTier on the same nodes, unless
 * their own partition says PreemptMode=OFF. Under preempt/qos it is the QOS that decides, not the partition.
 */
function isPreemptible(
  record: Attributes,
  records: readonly Attributes[],
  nodes: readonly Node[],
  config: Attributes,
): boolean {
  if (config.get('PreemptType') !== 'preempt/partition_prio') return false;
  const mode = record.get('PreemptMode') ?? config.get('PreemptMode') ?? 'OFF';
  if (mode === 'OFF') return false;
  const name = record.get('PartitionName') ?? '';
  const higher = records
    .filter((other) => priorityOf(other) > priorityOf(record))
    .map((other) => other.get('PartitionName') ?? '');
  if (nodes.length === 0) return higher.length > 0;
  return nodes.some(
    ({ partitions }) => partitions.includes(name) && partitions.some((other) => higher.includes(other)),
  );
}

/** Nodes of the same shape together, in the order of their first node. */
function groupNodes(nodes: readonly Node[]): ProfileNodeGroup[] {
  const shapes = new Map<string, Node[]>();
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
function groupFromTotals(record: Attributes): ProfileNodeGroup[] {
  const count = parseInteger(record.get('TotalNodes') ?? '') ?? 0;
  const names = record.get('Nodes') ?? '';
  const tres = parseTres(record.get('TRES') ?? '');
  const perNode = (name: string): number => Math.floor((tres.get(name) ?? 0) / count);
  if (count < 1 || names === '' || names === '(null)' || perNode('cpu') < 1 || perNode('mem') < 1) return [];
  const typed = [...tres.keys()].filter((name) => name.startsWith('gres/gpu:'));
  const gpus = typed.map((name) => ({ gres: name.slice('gres/gpu:'.length), count: perNode(name) }));
  const untyped = Math.floor(gpusIn(tres) / count);
  return [
    {
      names,
      count,
      cpus: perNode('cpu'),
      memoryMiB: perNode('mem'),
      gpus: (typed.length > 0 || untyped === 0 ? gpus : [{ count: untyped }]).filter((gpu) => gpu.count > 0),
      features: [],
    },
  ];
}

/** The partitions with the catalog's GPU written to each gres; `memory` is what nvidia-smi said of a node's GPUs. */
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
        const model =
          gpu.model ??
          recognise(gpu.gres ?? null, group.features) ??
          answers.get(gpuKey(gpu.gres, group.features));
        return { ...gpu, ...(model === undefined ? {} : { model }) };
      }),
    })),
  }));
}

/** Tells kinds of GPU apart as Slurm describes them: by type, or by the features of the node. */
export function gpuKey(gres: string | undefined, features: readonly string[]): string {
  return gres ?? `features ${features.join(',')}`;
}
