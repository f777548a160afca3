import { suggestions } from '../nearest.ts';
import { fail, ok, type Result } from '../result.ts';
import type { WeightPrecision } from '../model-config/precision.ts';
import {
  modelFromConfig,
  withParameters,
  withPrecision,
  type Model,
  type ModelIdentity,
} from './make-model.ts';
import entries from './models.json' with { type: 'json' };

export type { Model } from './make-model.ts';

/** One line of `models.json`. */
interface Entry extends ModelIdentity {
  /** What the planner needs of the published config.json. */
  readonly config: unknown;
  /** Published number of parameters, where the file does not tell all of them. */
  readonly parameters?: number;
}

const table: readonly Entry[] = entries;

/** Models that were asked for; a config.json is read once. */
const made = new Map<Entry, Model>();

function modelOf(entry: Entry): Model {
  const known = made.get(entry);
  if (known !== undefined) return known;
  const read = modelFromConfig(entry, entry.config, `models.json, ${entry.name}`);
  if (!read.ok) throw new Error(JSON.stringify(read.failure));
  const model = entry.parameters === undefined ? read.value : withParameters(read.value, entry.parameters);
  made.set(entry, model);
  return model;
}

/** All models, by name. */
export function listModels(): readonly Model[] {
  return table.map(modelOf);
}

/** What is left of a name when spelling is set aside: `Llama-3.1_8B` and `llama3.1-8b` are the same. */
function keyOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** The last part of a Hugging Face id. */
function shortId(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

function namesOf(model: ModelIdentity): readonly string[] {
  const names = [model.name, model.huggingFaceId, ...model.aliases];
  return [...names, ...names.map(shortId)];
}

const byKey = new Map(table.flatMap((entry) => namesOf(entry).map((name) => [keyOf(name), entry] as const)));

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
  table.flatMap((entry) =>
    namesOf(entry).map((name) => [keyOf(strip(shortId(name), tuning)), entry] as const),
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

/** How publishers call the quantised variants of a model, at the end of a name. */
const variantSuffixes: readonly (readonly [RegExp, WeightPrecision])[] = [
  [/[-._](?:nv)?fp4$/i, 'nvfp4'],
  [/[-._]mxfp4$/i, 'mxfp4'],
  [/[-._]fp8[-._](?:dynamic|kv)$/i, 'fp8'],
  [/[-._](?:quantized[-._]w8a8|w8a8|int8|gptq[-._]int8)$/i, 'int8'],
  [/[-._](?:quantized[-._]w4a16|gptq(?:[-._]int4)?)$/i, 'gptq'],
  [/[-._](?:w4a16|int4)$/i, 'int4'],
  [/[-._]awq(?:[-._]int4)?$/i, 'awq'],
];
/** Qwen, DeepSeek and GLM publish blocks of 128 × 128 under this name, the others one scale a channel. */
const plainFp8 = /[-._]fp8$/i;

/** The base model's name and the precision that the name of a variant ends with. */
function splitVariant(name: string): readonly [string, WeightPrecision] | undefined {
  for (const [suffix, precision] of variantSuffixes) {
    if (suffix.test(name)) return [name.replace(suffix, ''), precision];
  }
  if (!plainFp8.test(name)) return undefined;
  return [name.replace(plainFp8, ''), /qwen|deepseek|glm/i.test(name) ? 'fp8-block' : 'fp8'];
}

/**
 * The model of that name, alias or Hugging Face id; letter case and punctuation don't matter. A quantised variant is found by
 * its base model's name: `RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic` is Llama 3.3 70B in fp8.
 */
export function findModel(name: string): Result<Model> {
  const entry = byKey.get(keyOf(name));
  if (entry !== undefined) return ok(modelOf(entry));
  const [base, precision] = splitVariant(name) ?? [name, undefined];
  const found = byKey.get(keyOf(shortId(base))) ?? byBareKey.get(keyOf(strip(shortId(base), tuning)));
  if (found === undefined) {
    const candidates = table.map((known) => known.name);
    return fail({ kind: 'model-unknown', name, suggestions: suggestions(name, candidates, 3) });
  }
  const model = modelOf(found);
  return ok(precision === undefined ? model : withPrecision(model, precision));
}
