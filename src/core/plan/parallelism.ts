import { isMigSlice, type Gpu } from '../catalog/gpu.ts';
import type { Model } from '../catalog/model.ts';
import type { PlanningEngine } from '../engines/engine.ts';
import type { Sharding } from './memory.ts';

/** GPUs of one kind that a job could have: nodes of equal size. */
export interface Hardware {
  readonly gpu: Gpu;
  readonly gpusPerNode: number;
  /** The most nodes of one job. */
  readonly nodes: number;
}

/** What the user fixed about the layout; undefined leaves it to the search. */
export interface Fixed {
  readonly tensor: number | undefined;
  readonly pipeline: number | undefined;
  readonly expert: number | undefined;
}

/** How a job's GPUs are spread: equal parts on each node. */
export interface Arrangement {
  readonly nodes: number;
  readonly gpusPerNode: number;
}

/** A way to cut the model, and how many copies of it there are. */
export interface Cut {
  readonly sharding: Required<Sharding>;
  /** GPUs of one replica. */
  readonly gpus: number;
  readonly replicas: number;
  readonly arrangement: Arrangement;
}

/** Domains larger than any server's are of a whole rack (NVL72); others end with the node, however few GPUs it has. */
const largestServer = 8;

/** GPUs among which tensor ranks stay, because they reach each other fast: a node's, or those of an NVLink rack. */
export function neighbours(gpu: Gpu, gpusPerNode: number): number {
  return gpu.nvlinkDomain > largestServer ? gpu.nvlinkDomain : gpusPerNode;
}

/**
 * Nodes for `total` GPUs in equal parts: whole replicas on each node, or whole nodes for each replica with its tensor
 * ranks inside. The fewest nodes; undefined where that can't be.
 */
function arrange(total: number, { tensor, pipeline }: Sharding, hardware: Hardware): Arrangement | undefined {
  const replica = tensor * pipeline;
  for (let nodes = Math.ceil(total / hardware.gpusPerNode); nodes <= hardware.nodes; nodes++) {
    if (total % nodes !== 0) continue;
    const gpusPerNode = total / nodes;
    const wholeReplicas = gpusPerNode % replica === 0;
    const wholeNodes = replica % gpusPerNode === 0;
    const tensorInside = gpusPerNode % tensor === 0 || tensor % gpusPerNode === 0;
    if (wholeReplicas || (wholeNodes && tensorInside)) return { nodes, gpusPerNode };
  }
  return undefined;
}

function divisors(number: number): readonly number[] {
  return Array.from({ length: number }, (_, index) => index + 1).filter((divisor) => number % divisor === 0);
}

/** Tensor ranks worth a try for a replica of `gpus` GPUs. */
function tensorsFor(
  engine: PlanningEngine,
  gpus: number,
  fixed: Fixed,
  hardware: Hardware,
): readonly number[] {
  if (fixed.tensor !== undefined) return gpus % fixed.tensor === 0 ? [fixed.tensor] : [];
  if (engine.sharding === 'layers') return [1];
  const most = neighbours(hardware.gpu, hardware.gpusPerNode);
  return divisors(gpus).filter((tensor) => tensor <= most);
}

/** Expert ranks: the experts are cut like everything else (1), or handed out whole to the tensor ranks. */
function expertsFor(model: Model, tensor: number, fixed: Fixed): readonly number[] {
  if (fixed.expert !== undefined) return [fixed.expert];
  return model.moe !== null && tensor > 1 && model.moe.experts % tensor === 0 ? [1, tensor] : [1];
}

/**
 * Whether experts that are handed out whole make sense for their own sake: attention is data-parallel then, and a latent
 * is not copied (TensorRT-LLM, SGLang). Elsewhere the measured rates are lower than with cut experts.
 */
export function expertsPay(model: Model, engine: PlanningEngine): boolean {
  return model.mlaRank !== null && engine.name !== 'vllm';
}

/** All ways to lay copies of the model over exactly `total` GPUs, whether or not they fit. */
export function cuts(
  { model, engine, fixed }: { readonly model: Model; readonly engine: PlanningEngine; readonly fixed: Fixed },
  total: number,
  hardware: Hardware,
): readonly Cut[] {
  const whole = isMigSlice(hardware.gpu.id) ? [1] : divisors(total);
  return whole.flatMap((gpus) =>
    tensorsFor(engine, gpus, fixed, hardware).flatMap((tensor): readonly Cut[] => {
      const pipeline = gpus / tensor;
      if (pipeline > model.layers || pipeline !== (fixed.pipeline ?? pipeline)) return [];
      const arrangement = arrange(total, { tensor, pipeline }, hardware);
      if (arrangement === undefined) return [];
      return expertsFor(model, tensor, fixed).map((expert) => ({
        sharding: { tensor, pipeline, expert },
        ...{ gpus, replicas: total / gpus, arrangement },
      }));
    }),
  );
}
