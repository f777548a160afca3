import {
  activeParameters,
  blockParameters,
  textParameters,
  vocabularyParameters,
  type Architecture,
} from '../model-config/architecture.ts';
import { precisionOf, type Precision, type WeightPrecision } from '../model-config/precision.ts';
import { readModelConfig, parseModelConfig, type ModelConfig } from '../model-config/read-config.ts';
import { ok, type Result } from '../result.ts';

/** How a model is called and where its weights are published. */
export interface ModelIdentity {
  /** Short name: what people type, and the default name in requests. */
  readonly name: string;
  readonly huggingFaceId: string;
  /** Other names and Hugging Face ids that mean the same weights. */
  readonly aliases: readonly string[];
  /** Its page asks for consent before the weights can be downloaded. */
  readonly gated: boolean;
}

/** A model as the planner sees it: its `config.json`, and what follows from it. */
export interface Model extends ModelIdentity, Architecture {
  /** Parameters that an engine loads, with vision towers and without multi-token-prediction layers. */
  readonly parameters: number;
  /** Parameters that one token passes through; fewer than `parameters` for mixtures of experts. */
  readonly activeParameters: number;
  readonly layers: number;
  /** Layers that keep a KV cache which grows with the sequence; the others are linear or have none. */
  readonly kvLayers: number;
  readonly precision: WeightPrecision;
  /** Bits by part, scales included. */
  readonly bits: Precision;
  /** Bits per parameter over the whole checkpoint. */
  readonly weightBits: number;
}

/** Bytes of all parameters in that precision. */
function checkpointBytes(architecture: Architecture, bits: Precision): number {
  const rest =
    vocabularyParameters(architecture) + architecture.otherParameters + architecture.towerParameters;
  const layers = architecture.blocks.reduce((sum, block) => {
    const attention = (block.attention + block.keyValue + block.whole) * bits.attention;
    const rest = block.feedForward * bits.linear + block.experts * bits.experts;
    return sum + attention + rest + block.plain * bits.base;
  }, 0);
  return (layers + rest * bits.base) / 8;
}

/** The model of that shape in that precision. */
function makeModel(identity: ModelIdentity, { architecture, precision }: ModelConfig): Model {
  const parameters = textParameters(architecture) + architecture.towerParameters;
  const { name, huggingFaceId, aliases, gated } = identity;
  return {
    ...{ name, huggingFaceId, aliases, gated },
    ...architecture,
    parameters,
    activeParameters: activeParameters(architecture),
    layers: architecture.blocks.length,
    kvLayers: architecture.blocks.filter((block) => block.kv !== null).length,
    precision: precision.name,
    bits: precision,
    weightBits: (checkpointBytes(architecture, precision) * 8) / parameters,
  };
}

/** The model of a parsed or unparsed `config.json`; `source` says in failures where that came from. */
export function modelFromConfig(identity: ModelIdentity, config: unknown, source: string): Result<Model> {
  const read =
    typeof config === 'string' ? parseModelConfig(config, source) : readModelConfig(config, source);
  return read.ok ? ok(makeModel(identity, read.value)) : read;
}

/** Published FP8 weights of Llama 4 and NVFP4 weights of DeepSeek leave attention in 16 bits. */
function attentionStays(model: Model, name: WeightPrecision): boolean {
  return (
    (name === 'fp8' && model.family.startsWith('llama4')) || (name === 'nvfp4' && model.mlaRank !== null)
  );
}

/** The same model with its layers in another precision, as a quantised variant of its weights has them. */
export function withPrecision(model: Model, name: WeightPrecision): Model {
  if (name === model.precision) return model;
  const precision = precisionOf(name);
  const attention = attentionStays(model, name) ? precision.base : precision.attention;
  return makeModel(model, { architecture: model, precision: { ...precision, attention } });
}

/**
 * The same model with the published number of parameters, where its `config.json` does not tell all of them: what is
 * missing or too much belongs to the tower if there is one, and to the layers if not.
 */
export function withParameters(model: Model, parameters: number): Model {
  const difference = parameters - model.parameters;
  if (difference === 0) return model;
  if (model.towerParameters > 0) {
    const towerParameters = Math.max(0, model.towerParameters + difference);
    return makeModel(model, { architecture: { ...model, towerParameters }, precision: model.bits });
  }
  const layers = model.blocks.reduce((sum, block) => sum + blockParameters(block), 0);
  const shares = model.blocks.map((block) => Math.round((difference * blockParameters(block)) / layers));
  const rest = difference - shares.reduce((sum, share) => sum + share, 0);
  const blocks = model.blocks.map((block, index) => ({
    ...block,
    feedForward: block.feedForward + (shares[index] ?? 0) + (index === 0 ? rest : 0),
  }));
  return makeModel(model, { architecture: { ...model, blocks }, precision: model.bits });
}

/** The same model with layers as wide in bits as the checkpoint's real size says; the header of its files wins. */
export function withCheckpointBytes(model: Model, bytes: number): Model {
  const wide = { ...model.bits, attention: 0, linear: 0, experts: 0 };
  const fixed = checkpointBytes(model, wide);
  const quantised = checkpointBytes(model, model.bits) - fixed;
  const scale = (bytes - fixed) / quantised;
  if (!(scale > 0) || !Number.isFinite(scale)) return model;
  const { attention, linear, experts } = model.bits;
  const bits = {
    ...model.bits,
    attention: attention * scale,
    linear: linear * scale,
    experts: experts * scale,
  };
  return makeModel(model, { architecture: model, precision: bits });
}
