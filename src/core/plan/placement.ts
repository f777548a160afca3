import { findGpu, type Gpu } from '../catalog/gpu.ts';
import { recogniseGpu } from '../catalog/recognise-gpu.ts';
import type { ClusterProfile, ProfileNodeGroup, ProfilePartition } from '../cluster/profile.ts';
import { chooseAccess, type Access } from './access.ts';
import type { Request } from './request.ts';
import { byMerits, search, type Layout, type SearchQuestion } from './search.ts';
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
  /** Other layouts on the same GPUs, the best first. */
  readonly runnersUp: readonly Layout[];
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
  readonly layout: SearchQuestion;
  readonly free: readonly FreeGpus[];
}

/** The places in order of preference, and why the other partitions are none. */
export interface Placements {
  readonly candidates: readonly Candidate[];
  readonly reasons: readonly string[];
}

type Outcome = { readonly candidate: Candidate } | { readonly reason: string };

function startsNow(
  free: readonly FreeGpus[],
  place: Pick<Candidate, 'partition' | 'gres' | 'nodes' | 'gpusPerNode'>,
): boolean {
  const here = free.filter(
    ({ partition, gres }) => partition === place.partition.name && gres === place.gres,
  );
  const nodes = here.flatMap(({ perNode }) => perNode).filter((gpus) => gpus >= place.gpusPerNode);
  return nodes.length >= place.nodes;
}

/** GPUs of one kind on the nodes of one group: what is tried as a place. */
interface Spot {
  readonly partition: ProfilePartition;
  readonly group: ProfileNodeGroup;
  readonly gpus: ProfileNodeGroup['gpus'][number];
}

/** The layout, the number of GPUs and the nodes of a job on a spot. */
type Shape = Pick<Candidate, 'gpu' | 'layout' | 'runnersUp' | 'replicas' | 'nodes' | 'gpusPerNode'>;

/** What the profile says, or what Slurm's names for it tell. */
function gpuOf(group: ProfileNodeGroup, { model, gres }: Spot['gpus']): Gpu | undefined {
  const id = model ?? recogniseGpu(gres ?? null, group.features);
  return id === undefined ? undefined : findGpu(id);
}

function shapeOn(
  question: PlacementQuestion,
  { partition, group, gpus }: Spot,
): Shape | { readonly reason: string } {
  const gpu = gpuOf(group, gpus);
  if (gpu === undefined) {
    const name = gpus.model ?? gpus.gres ?? 'without a type';
    return { reason: `the GPU ${name} is not in the catalog; set its model in the profile` };
  }
  const nodes = Math.min(group.count, partition.maxNodes ?? group.count);
  const { layouts, reasons } = search(question.layout, { gpu, gpusPerNode: gpus.count, nodes });
  const [layout, ...runnersUp] = layouts;
  if (layout === undefined) return { reason: reasons.join(', ') };
  return { gpu, layout, runnersUp, replicas: layout.replicas, ...layout.arrangement };
}

function tryGpus(question: PlacementQuestion, spot: Spot): Outcome {
  const { request, profile, free } = question;
  const { partition, group } = spot;
  const shape = shapeOn(question, spot);
  if ('reason' in shape) return shape;
  const allowed = chooseAccess(profile, partition, request);
  if (!allowed.ok) return allowed;
  const { access } = allowed;
  const total = shape.nodes * shape.gpusPerNode;
  const limit = access.gpus.find(({ gpus }) => gpus < total);
  if (limit !== undefined) return { reason: `${limit.owner} allows ${limit.gpus} GPUs, not ${total}` };
  const time = chooseWalltime(request.timeMinutes, profile.defaults.time, access.times);
  if (!time.ok) return time;
  const place = { ...shape, partition, group, gres: spot.gpus.gres ?? null };
  return {
    candidate: {
      ...place,
      access,
      minutes: time.minutes,
      minutesBecause: time.because,
      startsNow: startsNow(free, place),
    },
  };
}

function tryPartition(question: PlacementQuestion, partition: ProfilePartition): readonly Outcome[] {
  if (!partition.up) return [{ reason: 'it is down' }];
  const outcomes = partition.nodes.flatMap((group) =>
    group.gpus.map((gpus) => tryGpus(question, { partition, group, gpus })),
  );
  return outcomes.length === 0 ? [{ reason: 'it has no GPUs' }] : outcomes;
}

/** Sorts before what is smaller: preferences from the strongest on; larger is better in each. */
function preferences(candidate: Candidate, profile: ClusterProfile): readonly number[] {
  const { partition } = candidate;
  return [
    Number(!candidate.access.preemptible),
    Number(partition.name === profile.defaults.partition),
    candidate.minutes === 0 ? Number.POSITIVE_INFINITY : candidate.minutes,
    Number(candidate.startsNow),
    Number(partition.default),
    partition.priority,
    -candidate.nodes,
    candidate.gpu.bandwidthGBs,
  ];
}

/** All places that can take the job, best first: partitions that are not preempted, then the default, free ones first. */
export function placements(question: PlacementQuestion): Placements {
  const { request, profile } = question;
  const asked = profile.partitions.filter(({ name }) => (request.partition ?? name) === name);
  const outcomes = asked.flatMap((partition) =>
    tryPartition(question, partition).map((outcome) => ({ partition: partition.name, outcome })),
  );
  const candidates = outcomes.flatMap(({ outcome }) => ('candidate' in outcome ? [outcome.candidate] : []));
  const unknown = `no partition is called ${request.partition ?? ''}; there are ${profile.partitions.map(({ name }) => name).join(', ')}`;
  return {
    candidates: candidates.toSorted((a, b) => byMerits(preferences(a, profile), preferences(b, profile))),
    reasons: asked.length === 0 ? [unknown] : reasonsOf(outcomes),
  };
}

/** Each reason once, behind the partitions that it holds for. */
function reasonsOf(
  outcomes: readonly { readonly partition: string; readonly outcome: Outcome }[],
): readonly string[] {
  const partitions = new Map<string, Set<string>>();
  for (const { partition, outcome } of outcomes) {
    if (!('reason' in outcome)) continue;
    const names = partitions.get(outcome.reason) ?? new Set();
    partitions.set(outcome.reason, names.add(partition));
  }
  return [...partitions].map(([reason, names]) => `${[...names].join(', ')}: ${reason}`);
}
