import { findGpu, type Gpu } from '../catalog/gpu.ts';
import { recogniseGpu } from '../catalog/recognise-gpu.ts';
import type { ClusterProfile, ProfileNodeGroup, ProfilePartition } from '../cluster/profile.ts';
import { chooseAccess, type Access } from './access.ts';
import { layouts, type Layout, type LayoutRequest } from './parallelism.ts';
import type { Request } from './request.ts';
import { chooseWalltime } from './walltime.ts';

/** GPUs that are free at this moment on the nodes of a partition. */
export interface FreeGpus {
  readonly partition: string;
  /** Type in Slurm's gres; null where it has none. */
  readonly gres: string | null;
  /** Free GPUs of each node that has any. */
  readonly perNode: readonly number[];
}

/** One place where the job could run, with the layout of its replicas there. */
export interface Candidate {
  readonly partition: ProfilePartition;
  readonly group: ProfileNodeGroup;
  readonly gres: string | null;
  readonly gpu: Gpu;
  readonly layout: Layout;
  readonly replicas: number;
  readonly nodes: number;
  readonly gpusPerNode: number;
  readonly access: Access;
  readonly minutes: number;
  readonly minutesBecause: string;
  readonly startsNow: boolean;
}

/** What a placement depends on. */
export interface PlacementQuestion {
  readonly request: Request;
  readonly profile: ClusterProfile;
  readonly layout: LayoutRequest;
  readonly free: readonly FreeGpus[];
}

/** The places in order of preference, and why the other partitions are none. */
export interface Placements {
  readonly candidates: readonly Candidate[];
  readonly reasons: readonly string[];
}

type Outcome = { readonly candidate: Candidate } | { readonly reason: string };

/** Nodes for `gpus` GPUs in equal parts, whole replicas on each; undefined where that can't be. */
function nodesFor(gpus: number, perReplica: number, perNode: number, most: number): number | undefined {
  for (let nodes = Math.ceil(gpus / perNode); nodes <= most; nodes++) {
    if (gpus % nodes === 0 && (gpus / nodes) % perReplica === 0) return nodes;
  }
  return undefined;
}

function startsNow(
  free: readonly FreeGpus[],
  where: Pick<Candidate, 'nodes' | 'gpusPerNode' | 'gres'>,
  partition: string,
): boolean {
  const here = free.filter((entry) => entry.partition === partition && entry.gres === where.gres);
  return (
    here.flatMap(({ perNode }) => perNode).filter((gpus) => gpus >= where.gpusPerNode).length >= where.nodes
  );
}

/** Tries one kind of GPU of one group of nodes. */
function tryGpus(
  question: PlacementQuestion,
  partition: ProfilePartition,
  group: ProfileNodeGroup,
  gpus: ProfileNodeGroup['gpus'][number],
): Outcome {
  const { request, profile, free } = question;
  const gres = gpus.gres ?? null;
  const gpu = findGpu(gpus.model ?? recogniseGpu(gres, group.features) ?? '');
  if (gpu === undefined)
    return { reason: `the GPU ${gpus.model ?? gres ?? 'without a type'} is not in the catalog` };
  const fitting = layouts(question.layout, gpu, gpus.count);
  const smallest = fitting[0];
  if (smallest === undefined) {
    return {
      reason: `${question.layout.model.name} does not fit ${gpus.count} × ${gpu.name}, the most of one node`,
    };
  }
  const total = request.gpus ?? smallest.gpus;
  if (total < smallest.gpus) return { reason: `it needs ${smallest.gpus} × ${gpu.name}, not ${total}` };
  const most = Math.min(group.count, partition.maxNodes ?? group.count);
  for (const layout of fitting) {
    const nodes = nodesFor(total, layout.gpus, gpus.count, most);
    if (nodes === undefined) continue;
    const access = chooseAccess(profile, partition, request);
    if (!access.ok) return access;
    const limit = access.access.gpus.find((bound) => bound.gpus < total);
    if (limit !== undefined) return { reason: `${limit.owner} allows ${limit.gpus} GPUs, not ${total}` };
    const time = chooseWalltime(request.timeMinutes, profile.defaults.time, access.access.times);
    if (!time.ok) return time;
    const place = { gres, nodes, gpusPerNode: total / nodes };
    return {
      candidate: {
        ...place,
        ...{ partition, group, gpu, layout, access: access.access },
        replicas: total / layout.gpus,
        minutes: time.minutes,
        minutesBecause: time.because,
        startsNow: startsNow(free, place, partition.name),
      },
    };
  }
  const replicas = `replicas of ${smallest.gpus}`;
  return {
    reason: `${total} GPUs can't be cut into ${replicas} on ${most} nodes of ${gpus.count} × ${gpu.name}`,
  };
}

function tryPartition(question: PlacementQuestion, partition: ProfilePartition): readonly Outcome[] {
  if (!partition.up) return [{ reason: 'it is down' }];
  const outcomes = partition.nodes.flatMap((group) =>
    group.gpus.map((gpus) => tryGpus(question, partition, group, gpus)),
  );
  return outcomes.length === 0 ? [{ reason: 'it has no GPUs' }] : outcomes;
}

/** Sorts before what is smaller: preferences from the strongest on; larger is better in each. */
function preferences(candidate: Candidate, profile: ClusterProfile): readonly number[] {
  const { partition } = candidate;
  return [
    Number(!partition.preemptible),
    Number(partition.name === profile.defaults.partition),
    candidate.minutes === 0 ? Number.POSITIVE_INFINITY : candidate.minutes,
    Number(candidate.startsNow),
    Number(partition.default),
    partition.priority,
    -candidate.nodes,
    candidate.gpu.bandwidthGBs,
  ];
}

function compare(one: readonly number[], other: readonly number[]): number {
  for (const [index, value] of one.entries()) {
    const difference = (other[index] ?? 0) - value;
    if (difference !== 0 && !Number.isNaN(difference)) return difference;
  }
  return 0;
}

/** All places that can take the job, best first: partitions that are not preempted, then the default, free ones first. */
export function placements(question: PlacementQuestion): Placements {
  const { request, profile } = question;
  const asked = profile.partitions.filter(({ name }) => (request.partition ?? name) === name);
  const outcomes = asked.flatMap((partition) =>
    tryPartition(question, partition).map((outcome) => ({ partition: partition.name, outcome })),
  );
  const candidates = outcomes.flatMap(({ outcome }) => ('candidate' in outcome ? [outcome.candidate] : []));
  const reasons = outcomes.flatMap(({ partition, outcome }) =>
    'reason' in outcome ? [`${partition}: ${outcome.reason}`] : [],
  );
  const unknown = `no partition is called ${request.partition ?? ''}; there are ${profile.partitions.map(({ name }) => name).join(', ')}`;
  return {
    candidates: candidates.toSorted((a, b) => compare(preferences(a, profile), preferences(b, profile))),
    reasons: asked.length === 0 ? [unknown] : [...new Set(reasons)],
  };
}
