import type { Gpu } from '../catalog/gpu.ts';
import type { Model } from '../catalog/model.ts';
import { kvBytesPerToken } from './memory.ts';
import type { Layout } from './parallelism.ts';
import type { Band, Plan } from './plan.ts';

/** Parts of the peak that decoding reaches, fitted on 694 measured points of three engines (median error 8 %). */
const bandwidthReached = 0.85;
const computeReached = 0.4;
const nvlinkReached = 0.6;
/** Seconds per layer and step that no hardware figure explains: kernel launches, scheduling. */
const layerOverhead = 50e-6;
/** Seconds that one all-reduce takes before its first byte. */
const allReduceLatency = 10e-6;
/** PCIe 4.0 ×16 in one direction, for GPUs without NVLink. */
const pcieGBs = 25;
/** Nine of ten measured points lie within this of the prediction, so four of five do too. */
const spread = 0.3;

function band(value: number): Band {
  return { value, low: value * (1 - spread), high: value * (1 + spread) };
}

/** Seconds per decoding step of `batch` sequences that are half through their context. */
function stepSeconds(model: Model, gpu: Gpu, layout: Layout, batch: number): number {
  const { tensor, pipeline } = layout.sharding;
  const tokens = (layout.capacity.maxModelLen / 2) * batch;
  // A batch touches more experts than one token does, and all of them once it is large.
  const touched = Math.min(model.parameters, model.activeParameters * batch);
  const bytes = (touched * model.weightBits) / 8 + tokens * kvBytesPerToken(model);
  const memory = bytes / tensor / (gpu.bandwidthGBs * 1e9 * bandwidthReached);
  const compute = (2 * model.activeParameters * batch) / tensor / (gpu.tflops16 * 1e12 * computeReached);
  const link = gpu.nvlinkGBs > 0 ? gpu.nvlinkGBs * nvlinkReached : pcieGBs * nvlinkReached;
  const allReduce = allReduceLatency + (batch * model.hiddenSize * 2) / (link * 1e9);
  const communication = tensor > 1 ? 2 * model.layers * allReduce : 0;
  // Stages of a pipeline work one after the other on one batch: their times add up to the whole model's.
  const stages = pipeline > 1 ? pipeline * allReduceLatency : 0;
  return Math.max(memory, compute) + model.layers * layerOverhead + communication + stages;
}

/**
 * Roofline of decoding: per-token latency of one request alone, and output tokens per second of all replicas when each
 * is full. Prefill and queueing are left out, so a loaded server is slower.
 */
export function predict(model: Model, gpu: Gpu, layout: Layout, replicas: number): Plan['prediction'] {
  const batch = layout.capacity.concurrentRequests;
  return {
    outputTokensPerSecond: band((replicas * batch) / stepSeconds(model, gpu, layout, batch)),
    perTokenLatencyMs: band(1000 * stepSeconds(model, gpu, layout, 1)),
  };
}
