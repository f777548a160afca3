import { isMigSlice, type Gpu } from '../catalog/gpu.ts';
import type { Model } from '../catalog/make-model.ts';
import { atLeast } from '../engines/version.ts';
import type { WeightPrecision } from '../model-config/precision.ts';
import type { Sharding } from './memory/engine-memory.ts';

/** An engine as far as hard limits go. */
export interface EngineName {
  readonly engine: { readonly name: string };
  readonly version: string | null;
}

/** Least compute capability for a format of weights, and the first version that can read it there. */
type Support = Readonly<Partial<Record<WeightPrecision, readonly [capability: number, version: string]>>>;

/**
 * vLLM's table of quantisation kernels (docs `features/quantization`, v0.9 to v0.32). FP8 below 8.9 and NVFP4 below Blackwell
 * run on Marlin kernels, which decode the weights and compute in 16 bits.
 */
const vllmSupport: Support = {
  ...{ fp8: [8, '0.5'], 'fp8-block': [8, '0.7'], int8: [7.5, '0.4'], int4: [8, '0.4'] },
  ...{ awq: [7.5, '0.2'], gptq: [7, '0.2'], mxfp4: [8, '0.10'], nvfp4: [8, '0.8'] },
};
/** TensorRT-LLM's support matrix: native kernels only. */
const tensorrtSupport: Support = {
  ...{ fp8: [8.9, '0.5'], 'fp8-block': [9, '0.17'], int8: [8, '0.5'], int4: [8, '0.5'] },
  ...{ awq: [8, '0.5'], gptq: [8, '0.5'], mxfp4: [9, '1.0'], nvfp4: [10, '0.17'] },
};
const supportOf: Readonly<Record<string, Support>> = {
  vllm: vllmSupport,
  sglang: { ...vllmSupport, fp8: [8, '0.2'], 'fp8-block': [8, '0.4'], mxfp4: [8, '0.5'], nvfp4: [10, '0.4'] },
  'tensorrt-llm': tensorrtSupport,
};

function precisionLimits({ precision }: Model, gpu: Gpu, { engine, version }: EngineName): readonly string[] {
  const support = supportOf[engine.name]?.[precision];
  if (support === undefined) return [];
  const [capability, since] = support;
  const has = gpu.computeCapability;
  if (has !== null && has < capability) {
    return [
      `${precision} weights need compute capability ${capability.toFixed(1)}, and the ${gpu.name} has ${has.toFixed(1)}`,
    ];
  }
  if (version === null || atLeast(version, since)) return [];
  return [`${precision} weights need ${engine.name} ${since} or later, not ${version}`];
}

/** Widths that tensor ranks cut, which must leave whole quantisation groups. MXFP4's kernels pad instead. */
function groupLimits(model: Model, tensor: number, cutsExperts: boolean): readonly string[] {
  const { group } = model.bits;
  if (group === null || tensor === 1 || model.precision === 'mxfp4') return [];
  const { attention, linear, experts, base } = model.bits;
  const widths: readonly (readonly [string, number])[] = [
    ...(linear < base && (model.moe === null || model.moe.layers < model.layers)
      ? [['the feed-forward width', model.intermediateSize] as const]
      : []),
    ...(attention < base && model.mlaRank === null
      ? [['the attention width', model.heads * model.headDim] as const]
      : []),
    ...(experts < base && cutsExperts && model.moe !== null
      ? [['the experts’ width', model.moe.intermediateSize] as const]
      : []),
  ];
  return widths.flatMap(([what, width]) =>
    (width / tensor) % group === 0
      ? []
      : [
          `${what} ${width} over ${tensor} tensor ranks leaves no whole groups of ${group} ${model.precision} weights`,
        ],
  );
}

function headLimits({ heads, kvHeads, mlaRank }: Model, tensor: number): readonly string[] {
  const limits: string[] = [];
  if (heads % tensor !== 0) limits.push(`${heads} attention heads do not divide by ${tensor} tensor ranks`);
  if (mlaRank === null && kvHeads % tensor !== 0 && tensor % kvHeads !== 0) {
    limits.push(`${kvHeads} KV heads neither divide by ${tensor} tensor ranks nor into them`);
  }
  return limits;
}

/**
 * What forbids to serve the model so, in sentences without a full stop; none where it may run. Whether it fits is `fit`'s
 * question. llama.cpp cuts between layers alone and computes with any weights.
 */
export function constraints(
  model: Model,
  sharding: Sharding,
  gpu: Gpu,
  engine: EngineName,
): readonly string[] {
  const { tensor, pipeline, expert = 1 } = sharding;
  const limits: string[] = [];
  if (pipeline > model.layers) limits.push(`${model.layers} layers do not make ${pipeline} pipeline stages`);
  if (tensor * pipeline > 1 && isMigSlice(gpu.id)) limits.push('a process sees one MIG slice only');
  if (engine.engine.name === 'llamacpp') {
    if (tensor > 1) limits.push('llama.cpp hands out whole layers');
    return limits;
  }
  limits.push(...headLimits(model, tensor), ...groupLimits(model, tensor, expert === 1));
  if (expert > 1 && model.moe === null) limits.push(`${model.name} has no experts to share out`);
  if (model.moe !== null && model.moe.experts % expert !== 0) {
    limits.push(`${model.moe.experts} experts do not divide by ${expert} expert ranks`);
  }
  limits.push(...precisionLimits(model, gpu, engine));
  return limits;
}
