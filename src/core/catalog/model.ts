import { suggestions } from '../nearest.ts';
import { fail, ok, type Result } from '../result.ts';
import entries from './models.json' with { type: 'json' };

/**
 * A model as the planner sees it. The numbers are those of the published config.json; parameter counts are those of
 * the safetensors headers. The table is `models.json`, one line a model.
 */
export interface Model {
  /** Short name: what people type, and the default name in requests. */
  readonly name: string;
  readonly huggingFaceId: string;
  /** Other names and Hugging Face ids that mean the same weights. */
  readonly aliases: readonly string[];
  readonly parameters: number;
  /** Parameters that one token passes through; fewer than `parameters` for mixtures of experts. */
  readonly activeParameters: number;
  /** Bits per parameter of the published checkpoint's body, scales included. */
  readonly weightBits: number;
  readonly layers: number;
  /** Layers that keep a KV cache which grows with the sequence; the others are linear or have none. */
  readonly kvLayers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Multi-head latent attention: values per token and layer (latent + rotary part); null for the others. */
  readonly mlaRank: number | null;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly vocabSize: number;
  readonly tiedEmbeddings: boolean;
  /** Positions that the model was made for. */
  readonly contextLength: number;
  /** Its page asks for consent before the weights can be downloaded. */
  readonly gated: boolean;
}

const models: readonly Model[] = entries;

/** All models, by name. */
export function listModels(): readonly Model[] {
  return models;
}

/** What is left of a name when spelling is set aside: `Llama-3.1_8B` and `llama3.1-8b` are the same. */
function keyOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** The last part of a Hugging Face id. */
function shortId(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

function namesOf(model: Model): readonly string[] {
  const names = [model.name, model.huggingFaceId, ...model.aliases];
  return [...names, ...names.map(shortId)];
}

const byKey = new Map(models.flatMap((model) => namesOf(model).map((name) => [keyOf(name), model] as const)));

/** The model of that name, alias or Hugging Face id; letter case and punctuation don't matter. */
export function findModel(name: string): Result<Model> {
  const model = byKey.get(keyOf(name));
  if (model !== undefined) return ok(model);
  const candidates = models.map((known) => known.name);
  return fail({ kind: 'model-unknown', name, suggestions: suggestions(name, candidates, 3) });
}

/** `models--org--name` is how Hugging Face's hub cache calls a repository's directory. */
const hubCache = /^models--(.+?)--(.+)$/;
/** Part number, quantisation and number format at the end of a weight file's name. */
const fileSuffix =
  /[-._](?:\d{5}-of-\d{5}|i?q\d\w*|ud|imat|[bf]f?p?(?:16|32)|fp8(?:-dynamic)?|awq|gptq|int[48]|4bit|8bit|gguf|safetensors)$/i;
/** Says how a model was tuned, not which sizes it has. */
const tuning = /[-._](?:instruct|chat|it|hf|base)$/i;

function strip(name: string, suffix: RegExp): string {
  let rest = name;
  while (suffix.test(rest)) rest = rest.replace(suffix, '');
  return rest;
}

/** Models by the name without its tuning, for base models and for tunings that the catalog doesn't list. */
const byBareKey = new Map(
  models.flatMap((model) =>
    namesOf(model).map((name) => [keyOf(strip(shortId(name), tuning)), model] as const),
  ),
);

/** The catalog's name for a weight file or directory, by its name alone; undefined where that does not tell. */
export function recogniseModel(fileOrDirectoryName: string): string | undefined {
  const base = shortId(fileOrDirectoryName.replace(/\/+$/, ''));
  const hub = hubCache.exec(base);
  const named = strip(hub?.[2] ?? base, fileSuffix);
  const exact = byKey.get(keyOf(named)) ?? byBareKey.get(keyOf(strip(named, tuning)));
  return exact?.name;
}
