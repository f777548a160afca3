import { expandNodeList } from '../slurm/nodelist.ts';
import type { SlurmNode } from '../slurm/scontrol-node.ts';
import type { NodeShares } from './disks.ts';
import { gpuKey, type RecogniseGpu } from './partitions.ts';
import type { ClusterProfile, ProfilePartition } from './profile.ts';
import { valueOf, valuesOf, type Section } from './sections.ts';

type Interface = ClusterProfile['interfaces'][number];

/**
 * Partitions to try for a look at a compute node, best first: one with GPUs, where a node is idle. At most three, for
 * each try takes seconds.
 */
export function partitionsToLookAt(
  partitions: readonly ProfilePartition[],
  nodes: readonly SlurmNode[],
): readonly string[] {
  const idle = (name: string): number =>
    nodes.filter((node) => node.partitions.includes(name) && isIdle(node)).length;
  const score = (partition: ProfilePartition): number =>
    (idle(partition.name) > 0 ? 4 : 0) +
    (partition.nodes.some((group) => group.gpus.length > 0) ? 2 : 0) +
    (partition.default ? 1 : 0);
  return partitions
    .filter((partition) => partition.up && partition.nodes.length > 0)
    .toSorted((a, b) => score(b) - score(a))
    .slice(0, 3)
    .map((partition) => partition.name);
}

/** Whether a job could start on the node at once; a node that sleeps to save power would have to boot first. */
function isIdle({ state }: SlurmNode): boolean {
  const free = state.words.includes('idle') || state.words.includes('mixed');
  return free && state.usable && !state.words.some((word) => word.startsWith('power'));
}

/** Which of the directories the node shares with the login host. */
export function sharesOf(section: Section): NodeShares {
  return {
    shared: valuesOf(section, 'shared'),
    notShared: [...valuesOf(section, 'local'), ...valuesOf(section, 'absent')],
  };
}

/** Linux' numbers for the kinds of link (include/uapi/linux/if_arp.h). */
const linkKinds: Readonly<Record<string, Interface['kind']>> = { '1': 'ethernet', '32': 'infiniband' };
/** Bridges and pairs of containers lead to no other node. */
const internal = /^(?:lo|docker|veth|virbr|br-|cni|podman|tun|tap|dummy|ifb|sit)/;

/** The interfaces of the node that are up or have an address. */
export function interfacesOf(section: Section): readonly Interface[] {
  const addresses = valuesOf(section, 'address').map((line) => line.split(' '));
  return valuesOf(section, 'interface').flatMap((line) => {
    const [name = '', link = '', state = ''] = line.split(' ');
    const own = addresses
      .filter(([of]) => of?.replace(/@.*$/, '') === name)
      .map(([, address]) => (address ?? '').replace(/\/\d+$/, ''))
      .filter((address) => address !== '' && !address.startsWith('fe80:'));
    if (name === '' || internal.test(name) || (own.length === 0 && state !== 'up')) return [];
    return [{ name, kind: linkKinds[link] ?? 'other', addresses: own }];
  });
}

/** What nvidia-smi said of the node's GPUs, as answers to the question which GPU is meant by Slurm's words for it. */
export function gpusSeen(
  section: Section,
  partitions: readonly ProfilePartition[],
  recognise: RecogniseGpu,
): ReadonlyMap<string, string> {
  const node = valueOf(section, 'node');
  const match = /^(.+),\s*(\d+)$/.exec(valueOf(section, 'gpu') ?? '');
  if (node === undefined || match === null) return new Map();
  const answers = new Map<string, string>();
  for (const group of partitions.flatMap((partition) => partition.nodes)) {
    const names = expandNodeList(group.names);
    if (!names.ok || !names.value.includes(node) || group.gpus.length !== 1) continue;
    const model = recognise(match[1] ?? null, group.features, Number(match[2]));
    if (model !== undefined) answers.set(gpuKey(group.gpus[0]?.gres, group.features), model);
  }
  return answers;
}
