import { fail, ok, type Result } from '../result.ts';
import {
  blockParameters,
  textParameters,
  type Architecture,
  type Block,
  type MixtureOfExperts,
} from './architecture.ts';
import { most, type Sizes } from './attention.ts';
import { chosenNames, expertNames } from './feed-forward.ts';
import { fieldsOf, isObject, type FieldProblem, type Fields } from './fields.ts';
import { readBlocks } from './layers.ts';
import type { Precision } from './precision.ts';
import { readPrecision } from './quantisation.ts';
import { rotaryValues } from './rotary.ts';
import { towerParameters } from './tower.ts';

/** A model's shape and the precision of its checkpoint. */
export interface ModelConfig {
  readonly architecture: Architecture;
  readonly precision: Precision;
}

/** A config.json is some kilobytes; the longest published one, with a list of exceptions, is below 1 MiB. */
const longestText = 4 * 2 ** 20;
/** Ten times the largest published model. */
const mostParameters = 1e13;

/** Families whose output head is the embedding unless the file says otherwise. */
const tied = /^(?:gemma|opt|falcon|cohere|gpt2)/;
/** Families that this file's formulas were checked on. */
const known =
  /^(?:llama|llama4(?:_text)?|mistral|mixtral|qwen[23]|qwen[23]_moe|qwen3_next|qwen3_5(?:_moe)?(?:_text)?|gemma[23]?(?:_text)?|gemma3_text|phi3?|granite|cohere2?|deepseek_v(?:2|3|32)|kimi_k2|glm4_moe|glm_moe_dsa|gpt_oss|opt|falcon|nemotron|nemotron_h|nemotron-nas)$/;

function sizesOf(fields: Fields, family: string): Sizes {
  const hidden = fields.count(['hidden_size', 'n_embd', 'd_model'], most.width);
  const heads = fields.count(['num_attention_heads', 'n_head'], most.heads);
  const single =
    family === 'falcon' &&
    fields.flag('multi_query', true) &&
    !fields.flag('new_decoder_architecture', false);
  const kvHeads = fields.count(['num_key_value_heads', 'num_kv_heads'], most.heads, single ? 1 : heads);
  const headDim = fields.count('head_dim', most.width, Math.max(1, Math.floor(hidden / heads)));
  if (!fields.has('head_dim') && hidden % heads !== 0 && !fields.has('kv_lora_rank')) {
    fields.note('num_attention_heads', `${heads} heads do not divide the hidden size ${hidden}`);
  }
  if (kvHeads > heads) fields.note('num_key_value_heads', `must not exceed the ${heads} attention heads`);
  return { family, hidden, heads, kvHeads, headDim };
}

/** Parameters outside layers and vocabulary: the last norm, a head's bias, learned positions, OPT's projection. */
function otherParameters(family: string, hidden: number, vocabulary: number, positions: number): number {
  // OPT's table of positions begins with two that are never used.
  if (family === 'opt') return 2 * hidden + (positions + 2) * hidden;
  if (family === 'phi') return 2 * hidden + vocabulary;
  return family === 'falcon' || family === 'nemotron' || family === 'starcoder2' ? 2 * hidden : hidden;
}

/** A layer like the last one, with a projection from two hidden states and three norms; shared tables are not counted. */
function mtpParameters(fields: Fields, family: string, hidden: number, blocks: readonly Block[]): number {
  const names = ['num_nextn_predict_layers', 'mtp_num_hidden_layers'];
  const stated = names.find((name) => fields.has(name));
  const fallback = family === 'qwen3_next' ? 1 : 0;
  const layers = stated === undefined ? fallback : fields.number(stated, most.layers, 0);
  const last = blocks.at(-1);
  return last === undefined ? 0 : layers * (blockParameters(last) + 2 * hidden ** 2 + 3 * hidden);
}

const positionNames = [
  'max_position_embeddings',
  'max_sequence_length',
  'n_positions',
  'seq_length',
  'model_max_length',
];

/** The part that describes the language model; models that see or hear nest it. */
function textOf(outer: Fields): Fields {
  return outer.inner('text_config') ?? outer.inner('llm_config') ?? outer.inner('language_config') ?? outer;
}

function familyOf(text: Fields, outer: Fields): string {
  const stated = text.text('model_type', outer.text('model_type', ''));
  return stated === 'gemma3' ? 'gemma3_text' : stated;
}

function mixtureOf(text: Fields, blocks: readonly Block[]): MixtureOfExperts | null {
  const layers = blocks.filter((block) => block.experts > 0).length;
  if (layers === 0) return null;
  const experts = text.count(expertNames, most.experts);
  return {
    experts,
    expertsPerToken: text.count(chosenNames, experts),
    intermediateSize: text.count(['moe_intermediate_size', 'intermediate_size'], most.width),
    layers,
  };
}

/** What stands in no field of the file and is taken from our knowledge of similar models. */
function assumptions(family: string, vision: Fields | undefined): readonly string[] {
  const exactTower = vision === undefined || family.startsWith('gemma3');
  return [
    ...(known.test(family) ? [] : [`the layers of ${family === '' ? 'a model without model_type' : family}`]),
    ...(exactTower ? [] : ['the size of the vision tower']),
  ];
}

const widthNames = [
  ...['intermediate_size_mlp', 'intermediate_size', 'ffn_dim', 'ffn_hidden_size', 'n_inner'],
  'moe_intermediate_size',
];

function readArchitecture(outer: Fields, text: Fields): Architecture {
  const family = familyOf(text, outer);
  const sizes = sizesOf(text, family);
  const { hidden, heads, headDim } = sizes;
  const layers = text.count(['num_hidden_layers', 'n_layer', 'num_layers'], most.layers);
  const vocabSize = text.count('vocab_size', most.vocabulary);
  const contextLength = text.count(positionNames, most.positions, family === 'falcon' ? 2048 : undefined);
  const blocks = readBlocks(text, sizes, layers);
  const vision = outer.inner('vision_config');
  const latent = blocks.find((block) => block.kv?.latent === true)?.kv;
  return {
    family,
    hiddenSize: hidden,
    intermediateSize: text.count(widthNames, most.width, 4 * hidden),
    vocabSize,
    heads,
    kvHeads: latent === undefined ? sizes.kvHeads : 1,
    headDim,
    mlaRank: latent?.values ?? null,
    tiedEmbeddings: outer.flag('tie_word_embeddings', text.flag('tie_word_embeddings', tied.test(family))),
    contextLength,
    moe: mixtureOf(text, blocks),
    blocks,
    rotaryValues: rotaryValues(text, family, contextLength, headDim),
    otherParameters: otherParameters(family, hidden, vocabSize, contextLength),
    mtpParameters: mtpParameters(text, family, hidden, blocks),
    towerParameters: vision === undefined ? 0 : towerParameters(vision, hidden, family),
    assumed: assumptions(family, vision),
  };
}

/** The problems of `source` as a failure. */
function invalid(source: string, problems: readonly FieldProblem[]): Result<never> {
  return fail({ kind: 'model-config', source, problems });
}

/**
 * Reads the architecture of a model from its parsed Hugging Face `config.json`, whatever that holds: a wrong file is a failure
 * that names the fields. `source` says where the file came from. Multi-token-prediction layers are left out, since
 * engines load them only for speculative decoding.
 */
export function readModelConfig(json: unknown, source: string): Result<ModelConfig> {
  if (!isObject(json)) return invalid(source, [{ field: '', message: 'must be a JSON object' }]);
  const problems: FieldProblem[] = [];
  const outer = fieldsOf(json, '', problems);
  const text = textOf(outer);
  const architecture = readArchitecture(outer, text);
  const precision = readPrecision(text, outer);
  if (problems.length > 0) return invalid(source, problems);
  const parameters = textParameters(architecture) + architecture.towerParameters;
  if (parameters <= mostParameters) return ok({ architecture, precision });
  const message = `the sizes multiply to ${parameters.toExponential(1)} parameters, more than any model has`;
  return invalid(source, [{ field: 'hidden_size', message }]);
}

/** The same from the text of the file. */
export function parseModelConfig(text: string, source: string): Result<ModelConfig> {
  if (text.length > longestText) {
    const size = Math.ceil(text.length / 2 ** 20);
    return invalid(source, [{ field: '', message: `has ${size} MiB; a config.json has some kilobytes` }]);
  }
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const because = error instanceof Error ? error.message.slice(0, 200) : 'unreadable';
    return invalid(source, [{ field: '', message: `is not JSON: ${because}` }]);
  }
  return readModelConfig(json, source);
}
