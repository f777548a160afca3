import type { Gpu } from '../catalog/gpu.ts';
import type { Model } from '../catalog/model.ts';
import type { PlanningEngine } from '../engines/engine.ts';
import { capacityOf } from './capacity.ts';
import { constraints } from './constraints.ts';
import { fit, kvCacheGiB, resolveLoad, type Load, type ResolvedLoad } from './memory.ts';
import { cuts, expertsPay, neighbours, type Cut, type Fixed, type Hardware } from './parallelism.ts';
import type { MemoryPicture, Plan } from './plan.ts';
import { rates, type Rates } from './throughput.ts';
import type { Tuning } from './request.ts';
import { usualTraffic, type Objective, type Traffic } from './traffic.ts';

/** What a layout is asked for. */
export interface SearchQuestion {
  readonly model: Model;
  readonly engine: PlanningEngine;
  /** Of the engine; null where nobody said. */
  readonly version: string | null;
  readonly load: Load;
  /** Tokens per request that the user insists on. */
  readonly maxModelLen: number | undefined;
  /** GPUs of the job; undefined: as few as will do. */
  readonly gpus: number | undefined;
  readonly fixed: Fixed;
  readonly objective: Objective;
  readonly traffic: Traffic;
  /** Milliseconds between two tokens of a request, at most. */
  readonly maxLatencyMs: number | undefined;
  /** Whether one replica may span nodes. */
  readonly acrossNodes: boolean;
}

/** The part of a question that the user's wishes decide. */
export function asked(
  tuning: Tuning,
): Pick<SearchQuestion, 'load' | 'maxModelLen' | 'fixed' | 'objective' | 'traffic' | 'maxLatencyMs'> {
  const { maxModelLen, maxNumSeqs, maxNumBatchedTokens, kvCache } = tuning;
  return {
    load: { fraction: tuning.gpuMemoryUtilization, maxNumSeqs, maxNumBatchedTokens, maxModelLen, kvCache },
    maxModelLen,
    fixed: { tensor: tuning.tensor, pipeline: tuning.pipeline, expert: tuning.expert },
    objective: tuning.optimize ?? 'throughput',
    traffic: {
      inputTokens: tuning.inputTokens ?? usualTraffic.inputTokens,
      outputTokens: tuning.outputTokens ?? usualTraffic.outputTokens,
      concurrency: tuning.concurrency,
    },
    maxLatencyMs: tuning.maxLatencyMs,
  };
}

/** Replicas that fit: their layout, their memory, what they can take and how fast they are. */
export interface Layout extends Cut {
  readonly gpu: Gpu;
  /** GPUs that reach each other without the network. */
  readonly neighbours: number;
  readonly memory: MemoryPicture;
  readonly capacity: Plan['capacity'];
  readonly load: ResolvedLoad;
  /** It fits under `carefulLoad` only. */
  readonly careful: boolean;
  /** Of one replica. */
  readonly rates: Rates;
  /** Requests at once that the rates are predicted for, over all replicas. */
  readonly concurrency: number;
}

/** Layouts, the best first; or the reasons why there are none. */
export interface Found {
  readonly layouts: readonly Layout[];
  readonly reasons: readonly string[];
}

/**
 * Settings that leave as much as can be to the KV cache: small batches, and hardly a reserve. They are tried where
 * somebody insists on a context, sets nothing of the memory, and the engine's version is not known, so that its defaults
 * are not either.
 */
export const carefulLoad = { fraction: 0.95, maxNumSeqs: 16, maxNumBatchedTokens: 2048 } as const;

function loadsOf({ load, maxModelLen, version }: SearchQuestion): readonly Load[] {
  const open = [load.fraction, load.maxNumSeqs, load.maxNumBatchedTokens].every(
    (value) => value === undefined,
  );
  return open && maxModelLen !== undefined && version === null ? [load, { ...load, ...carefulLoad }] : [load];
}

/** A cut that fits, with its memory and its speed; or why it does not. */
function layOut(question: SearchQuestion, hardware: Hardware, cut: Cut): Layout | string {
  const { model, engine, version } = question;
  const [broken] = constraints(model, cut.sharding, hardware.gpu, { engine, version });
  if (broken !== undefined) return broken;
  for (const [index, load] of loadsOf(question).entries()) {
    const layout = underLoad({ ...question, load }, hardware, cut);
    if (layout !== undefined) return { ...layout, careful: index > 0 };
  }
  return 'too large';
}

function underLoad(
  question: SearchQuestion,
  hardware: Hardware,
  cut: Cut,
): Omit<Layout, 'careful'> | undefined {
  const { model, engine, version, traffic } = question;
  const { gpu } = hardware;
  const engineOf = { engine, version, load: question.load };
  const load = resolveLoad(engineOf, gpu, cut.sharding);
  const { memory, kvCacheTokens } = fit(model, gpu, engineOf, cut.sharding);
  const capacity = capacityOf(question, { kvCacheTokens, maxNumSeqs: load.maxNumSeqs });
  if (capacity === undefined) return undefined;
  const slots = engine.batching.kind === 'slots';
  const near = neighbours(gpu, hardware.gpusPerNode);
  const setup = {
    ...{ model, gpu, sharding: cut.sharding, engine: engine.name },
    ...{ neighbours: near, kv8: load.kvCache === 'fp8' },
    kvCacheTokens: capacity.kvCacheTokens,
    maxNumSeqs: slots ? capacity.concurrentRequests : load.maxNumSeqs,
  };
  const wanted = traffic.concurrency ?? (question.objective === 'latency' ? cut.replicas : undefined);
  const perReplica = wanted === undefined ? Number.POSITIVE_INFINITY : Math.ceil(wanted / cut.replicas);
  const found = rates(setup, traffic, perReplica);
  const used = kvCacheGiB(model, cut.sharding, capacity.kvCacheTokens, load.kvCache);
  return {
    ...cut,
    ...{ gpu, neighbours: near, capacity, load, rates: found },
    memory: slots ? withCache(memory, Math.min(used, memory.kvCacheGiB)) : memory,
    concurrency: wanted ?? found.batch * cut.replicas,
  };
}

/** The same with another KV cache: an engine that cuts it into slots leaves the rest of the memory alone. */
function withCache(memory: MemoryPicture, kvCacheGiB: number): MemoryPicture {
  return { ...memory, kvCacheGiB, totalGiB: memory.totalGiB - memory.kvCacheGiB + kvCacheGiB };
}

/** Context that the replicas should at least have: what was asked for, what the traffic needs, else the model's own. */
function wantedContext({ model, maxModelLen, traffic }: SearchQuestion): number {
  if (maxModelLen !== undefined) return maxModelLen;
  const needed = traffic.inputTokens + traffic.outputTokens;
  return traffic.concurrency === undefined ? model.contextLength : Math.min(model.contextLength, needed);
}

/** Merits from the strongest on; larger is better in each. */
function merits(question: SearchQuestion, layout: Layout): readonly number[] {
  const { capacity, replicas, rates: found } = layout;
  const taken = Math.min(1, (found.batch * replicas) / layout.concurrency);
  const context = Math.min(capacity.maxModelLen, wantedContext(question));
  const tokens = found.tokensPerSecond * replicas;
  // Of equals, the simplest: few ranks that have to talk to each other.
  const simple = -layout.gpus - layout.sharding.expert / 1000;
  switch (question.objective) {
    case 'throughput':
    case 'cost':
      return [context, taken, tokens, simple];
    case 'latency':
      return [context, taken, -found.tokenSeconds, tokens, simple];
    case 'context':
      return [capacity.maxModelLen, capacity.kvCacheTokens * replicas, tokens, simple];
  }
}

/** Descending order by the first merit that differs. */
export function byMerits(one: readonly number[], other: readonly number[]): number {
  for (const [index, value] of one.entries()) {
    const difference = (other[index] ?? 0) - value;
    if (difference !== 0 && !Number.isNaN(difference)) return difference;
  }
  return 0;
}

/**
 * Where GPUs talk over NVLink, stages are for what tensor ranks can't do: of the cuts over as many GPUs those with the
 * fewest stages. (TensorRT-LLM, "Deciding model sharding strategy".) Over PCIe the search compares both. Expert ranks
 * are likewise for what cutting the experts can't do, unless they pay.
 */
function withoutNeedless(question: SearchQuestion, layouts: readonly Layout[]): readonly Layout[] {
  const fewest = new Map<number, number>();
  const cutExperts = new Set<string>();
  for (const { gpus, sharding } of layouts) {
    fewest.set(gpus, Math.min(sharding.pipeline, fewest.get(gpus) ?? sharding.pipeline));
    if (sharding.expert === 1) cutExperts.add(`${sharding.tensor} ${sharding.pipeline}`);
  }
  const pays = expertsPay(question.model, question.engine);
  return layouts.filter(({ gpu, gpus, sharding: { tensor, pipeline, expert } }) => {
    if (gpu.nvlinkDomain > 1 && pipeline !== fewest.get(gpus)) return false;
    return expert === 1 || pays || !cutExperts.has(`${tensor} ${pipeline}`);
  });
}

/** The layouts on exactly `total` GPUs that keep the latency asked for. */
function searchOn(question: SearchQuestion, hardware: Hardware, total: number): Found {
  const tried = cuts(question, total, hardware)
    .filter(({ gpus, arrangement }) => question.acrossNodes || gpus <= arrangement.gpusPerNode)
    .map((cut) => layOut(question, hardware, cut));
  const fitting = tried.filter((one) => typeof one !== 'string');
  const most = question.maxLatencyMs ?? Number.POSITIVE_INFINITY;
  const layouts = withoutNeedless(question, fitting)
    .filter(({ rates: found }) => found.tokenSeconds * 1000 <= most)
    .map((layout) => ({ layout, merits: merits(question, layout) }))
    .toSorted((a, b) => byMerits(a.merits, b.merits))
    .map(({ layout }) => layout);
  if (layouts.length > 0) return { layouts, reasons: [] };
  return { layouts, reasons: reasonsOf(question, hardware, { total, tried, fitting }) };
}

interface Tried {
  readonly total: number;
  readonly tried: readonly (Layout | string)[];
  readonly fitting: readonly Layout[];
}

function reasonsOf(
  question: SearchQuestion,
  { gpu, gpusPerNode, nodes }: Hardware,
  { total, tried, fitting }: Tried,
): readonly string[] {
  const { model } = question;
  const least = fitting.toSorted((a, b) => a.rates.tokenSeconds - b.rates.tokenSeconds)[0];
  if (least !== undefined) {
    const fastest = (least.rates.tokenSeconds * 1000).toFixed(1);
    return [
      `${total} × ${gpu.name} take ${fastest} ms per token at least, not ${question.maxLatencyMs ?? 0}`,
    ];
  }
  const broken = tried.filter((one) => typeof one === 'string' && one !== 'too large');
  if (tried.length === 0) {
    const size = `${nodes === 1 ? '1 node' : `${nodes} nodes`} of ${gpusPerNode} × ${gpu.name}`;
    return total > nodes * gpusPerNode
      ? [`${total} GPUs are more than ${size}`]
      : [`${total} GPUs can't be cut into replicas, equally many on each of ${size}`];
  }
  if (broken.length === tried.length) return [...new Set(broken)].slice(0, 2) as string[];
  const length = question.maxModelLen;
  const context = length === undefined ? '' : ` with ${length} tokens of context`;
  return [`${model.name}${context} does not fit ${total} × ${gpu.name}`];
}

/** GPU counts to try where none was asked for: every count of one node, then whole nodes. */
function totals({ gpusPerNode, nodes }: Hardware, acrossNodes: boolean): readonly number[] {
  const inNode = Array.from({ length: gpusPerNode }, (_, index) => index + 1);
  const more = Array.from({ length: acrossNodes ? nodes - 1 : 0 }, (_, index) => (index + 2) * gpusPerNode);
  return [...inNode, ...more];
}

/**
 * All layouts of the model on that hardware, best first by the objective: on the GPUs asked for, or on as few as will do
 * and take the concurrency asked for.
 */
export function search(question: SearchQuestion, hardware: Hardware): Found {
  if (question.gpus !== undefined) return searchOn(question, hardware, question.gpus);
  let best: Found = { layouts: [], reasons: [] };
  for (const total of totals(hardware, question.acrossNodes)) {
    const found = searchOn(question, hardware, total);
    const [first] = found.layouts;
    if (first !== undefined && first.rates.batch * first.replicas >= (question.traffic.concurrency ?? 0))
      return found;
    if (first !== undefined || best.layouts.length === 0) best = found;
  }
  return best;
}
