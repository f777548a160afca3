import type { Gpu } from '../catalog/gpu.ts';
import type { Model } from '../catalog/model.ts';
import { kvBytesPerToken, type Sharding } from './memory.ts';
import { peakFlops } from './peak.ts';
import type { Band } from './plan.ts';
import type { Traffic } from './traffic.ts';

/**
 * An analytic model of decoding. The structure is a roofline; its eight constants are one set for all models and GPUs,
 * rounded from a fit on 501 published measurements (docs/planner.md, "Throughput"; the test prints the errors).
 */

/** Part of the memory bandwidth that reading weights reaches, and reading the KV cache. */
const weightBandwidth = 0.9;
const kvBandwidth = 0.8;
/** Part of the peak that matrix products reach, in decoding large batches and in prefill. */
const computeReached = 0.7;
/** Seconds per layer and step that no hardware figure explains: kernel launches, norms, scheduling. */
const layerSeconds = 45e-6;
/** The same for the routing and the grouped products of a layer with experts, and the bandwidth that these reach. */
const expertLayerSeconds = 30e-6;
const expertBandwidth = 0.7;
/** Seconds per step and sequence: sampling, detokenising and scheduling on the host. */
const sequenceSeconds = 20e-6;
/** Seconds that one all-reduce takes before its first byte, and the part of the link's rate that it reaches. */
const allReduceSeconds = 10e-6;
const linkReached = 0.3;
/** Part of the prefills of other requests that a running request waits for: chunked prefill hides the rest. */
const prefillShare = 0.9;

/**
 * TensorRT-LLM's fused layers and communication cost a fifth less than those of the PyTorch engines; its mixtures of
 * experts on Hopper, without expert parallelism, a fifth more (measured with three models).
 */
const leanOverhead = 0.8;
const hopperExpertsOverhead = 1.2;
const blackwell = 10;
/** PCIe 4.0 ×16 in one direction, for GPUs without NVLink. */
const pcieGBs = 25;
/** Between nodes, per GPU: 200 Gb/s InfiniBand, and what it adds to every exchange. */
const networkGBs = 25;
const networkSeconds = 20e-6;
/** The busiest rank's experts get so much more than their share of the tokens (expert parallelism). */
const expertImbalance = 1.1;

/** One replica: the model, cut so, on those GPUs, served by that engine. */
export interface Setup {
  readonly model: Model;
  readonly gpu: Gpu;
  /** GPUs that reach each other without the network. */
  readonly neighbours: number;
  readonly sharding: Required<Sharding>;
  readonly engine: string;
  /** KV cache in 8 bits. */
  readonly kv8: boolean;
  /** Tokens that its KV cache holds. */
  readonly kvCacheTokens: number;
  /** Sequences that the engine decodes at once. */
  readonly maxNumSeqs: number;
}

/** What a replica does under a load. */
export interface Rates {
  /** Sequences that are decoded at once: the load, cut to what the KV cache and the engine take. */
  readonly batch: number;
  /** Seconds between two tokens of one request. */
  readonly tokenSeconds: number;
  /** Tokens per second of the replica. */
  readonly tokensPerSecond: number;
}

/** Parameters by how a step uses them. The input embedding is a lookup and is not read. */
function parametersOf(model: Model): {
  readonly head: number;
  readonly experts: number;
  readonly dense: number;
  readonly activeBody: number;
} {
  const head = model.vocabSize * model.hiddenSize;
  const embeddings = model.tiedEmbeddings ? head : 2 * head;
  const experts = model.blocks.reduce((sum, block) => sum + block.experts, 0);
  return {
    head,
    experts,
    dense: Math.max(0, model.parameters - embeddings - experts),
    activeBody: Math.max(0, model.activeParameters - embeddings),
  };
}

/** The part of the experts that `tokens` tokens touch, each choosing its own at random. */
function touchedExperts({ moe }: Model, tokens: number): number {
  return moe === null ? 0 : 1 - (1 - Math.min(1, moe.expertsPerToken / moe.experts)) ** tokens;
}

/** Attention runs data-parallel where experts are spread and the cache is a latent (TensorRT-LLM, SGLang). */
function dividesLatent({ sharding, engine }: Setup): boolean {
  return sharding.expert > 1 && engine !== 'vllm';
}

/** Bytes of KV cache that a GPU of each stage reads per token of context, summed over the stages. */
function kvBytes(setup: Setup): number {
  const { model, sharding } = setup;
  const bytes = kvBytesPerToken(model) * (setup.kv8 ? 0.5 : 1);
  if (model.mlaRank !== null) return dividesLatent(setup) ? bytes / sharding.tensor : bytes;
  return bytes / Math.min(sharding.tensor, model.kvHeads);
}

/** How much the engine's own overhead differs from the usual. */
function slowness({ engine, model, gpu, sharding }: Setup): number {
  if (engine !== 'tensorrt-llm') return 1;
  const narrow = model.moe !== null && sharding.expert === 1 && (gpu.computeCapability ?? 0) < blackwell;
  return narrow ? hopperExpertsOverhead : leanOverhead;
}

/** Seconds that the tensor ranks exchange activations of `tokens` tokens: two all-reduces a layer. */
function communication(setup: Setup, tokens: number): number {
  const { model, gpu, sharding, neighbours } = setup;
  if (sharding.tensor === 1) return 0;
  const inside = sharding.tensor <= neighbours;
  const wired = gpu.nvlinkGBs > 0 ? gpu.nvlinkGBs : pcieGBs;
  const link = (inside ? wired : networkGBs) * 1e9 * linkReached;
  const latency = (allReduceSeconds + (inside ? 0 : networkSeconds)) * slowness(setup);
  return 2 * model.layers * (latency + (tokens * model.hiddenSize * 2) / link);
}

/** Seconds to hand activations from stage to stage of a pipeline, over the network. */
function handOver({ model, sharding }: Setup, tokens: number): number {
  const hops = sharding.pipeline - 1;
  return hops * (networkSeconds + (tokens * model.hiddenSize * 2) / (networkGBs * 1e9));
}

/** Seconds of one decoding step of `batch` sequences with `context` tokens each, through all stages. */
function stepSeconds(setup: Setup, batch: number, context: number): number {
  const { model, gpu, sharding } = setup;
  const bandwidth = gpu.bandwidthGBs * 1e9;
  const { head, experts, dense, activeBody } = parametersOf(model);
  const imbalance = sharding.expert > 1 ? expertImbalance : 1;
  const touched = touchedExperts(model, batch) * imbalance;
  const reading =
    (dense * model.bits.linear) / weightBandwidth +
    (experts * model.bits.experts * touched) / expertBandwidth;
  const body = Math.max(
    reading / 8 / bandwidth,
    (2 * batch * activeBody * imbalance) / (peakFlops(gpu, model.precision) * computeReached),
  );
  const logits = Math.max(
    (2 * head) / (bandwidth * weightBandwidth),
    (2 * batch * head) / (gpu.tflops16 * 1e12 * computeReached),
  );
  const attention = (batch * context * kvBytes(setup)) / (bandwidth * kvBandwidth);
  const expertLayers = (model.moe?.layers ?? 0) * expertLayerSeconds;
  const overhead = (model.layers * layerSeconds + expertLayers) * slowness(setup) + batch * sequenceSeconds;
  return (
    (body + logits) / sharding.tensor +
    attention +
    overhead +
    communication(setup, batch) +
    handOver(setup, batch)
  );
}

/** Seconds to compute a prompt of `tokens` tokens, through all stages. */
function prefillSeconds(setup: Setup, tokens: number): number {
  const { model, gpu, sharding } = setup;
  const linear = (2 * tokens * parametersOf(model).activeBody) / peakFlops(gpu, model.precision);
  // Causal attention: scores and values, half of the square each.
  const attention = (2 * tokens ** 2 * model.heads * model.headDim * model.kvLayers) / (gpu.tflops16 * 1e12);
  const exchanged = communication(setup, tokens) - communication(setup, 0);
  return (linear + attention) / sharding.tensor / computeReached + exchanged;
}

/**
 * What the replica does with `concurrency` requests at once. A pipeline works on as many parts of the batch at once as it
 * has stages; requests that find no room in the KV cache wait.
 */
export function rates(setup: Setup, traffic: Traffic, concurrency: number): Rates {
  const { inputTokens, outputTokens } = traffic;
  const context = inputTokens + outputTokens / 2;
  const room = Math.max(1, Math.min(setup.maxNumSeqs, Math.floor(setup.kvCacheTokens / context)));
  const batch = Math.max(1, Math.min(concurrency, room));
  const { pipeline } = setup.sharding;
  const step = stepSeconds(setup, Math.max(1, batch / pipeline), context);
  const prefill = prefillSeconds(setup, inputTokens);
  // Stages compute prompts side by side, so that their share of a step is one stage's.
  const tokenSeconds = step + (prefillShare * batch * prefill) / pipeline / outputTokens;
  return { batch, tokenSeconds, tokensPerSecond: batch / (tokenSeconds + prefill / outputTokens) };
}

/** Four of five measured runs of dense models lie within this of the prediction; of others we know less. */
const denseSpread = 0.2;
const otherSpread = 0.35;

/** The prediction with its honest band. Only dense models under engines that were measured have the narrow one. */
export function band(value: number, { moe }: Model, engine: string): Band {
  const spread = moe === null && engine !== 'llamacpp' ? denseSpread : otherSpread;
  return { value, low: value * (1 - spread), high: value * (1 + spread) };
}
