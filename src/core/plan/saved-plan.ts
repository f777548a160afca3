import { fail, ok, type Result } from '../result.ts';
import type { Plan } from './plan.ts';

/** A plan in a file: what it was made from, so that it can be made again, and what came of it. */
export interface SavedPlan {
  readonly format: 1;
  /** What was asked for, as the command line's parser gave it. */
  readonly asked: { readonly model: string; readonly options: Readonly<Record<string, unknown>> };
  /** The model's config.json, where it is no entry of the catalog. */
  readonly modelConfig: string | null;
  readonly plan: Pick<Plan, 'cluster' | 'attempt' | 'createdAt'> & Readonly<Record<string, unknown>>;
}

/** The text of a file that `readSavedPlan` reads. */
export function writeSavedPlan(saved: SavedPlan): string {
  return `${JSON.stringify(saved, undefined, 2)}\n`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSaved(value: unknown): value is SavedPlan {
  if (!isObject(value) || value['format'] !== 1) return false;
  const { asked, modelConfig, plan } = value;
  return (
    isObject(asked) &&
    typeof asked['model'] === 'string' &&
    isObject(asked['options']) &&
    (modelConfig === null || typeof modelConfig === 'string') &&
    isObject(plan) &&
    ['cluster', 'attempt', 'createdAt'].every((key) => typeof plan[key] === 'string')
  );
}

/** Reads a saved plan. Only its shape is checked: it is never applied itself, but made again and compared. */
export function readSavedPlan(path: string, text: string): Result<SavedPlan> {
  try {
    const value: unknown = JSON.parse(text);
    if (isSaved(value)) return ok(value);
  } catch {
    // Told below.
  }
  return fail({
    kind: 'local-file',
    path,
    because: 'it is no plan that `hpc-serve plan --save` of this version wrote',
  });
}

/** Words and times may differ; what is done may not. */
const uncompared = new Set(['decisions', 'warnings', 'createdAt']);
const mostDifferences = 8;

/** What a plan that was saved and the same plan made today say differently: `placement.partition: h100 → a100`. */
export function differences(saved: SavedPlan['plan'], today: Plan): readonly string[] {
  const now = JSON.parse(JSON.stringify(today)) as Readonly<Record<string, unknown>>;
  const keys = [...new Set([...Object.keys(saved), ...Object.keys(now)])].filter(
    (key) => !uncompared.has(key),
  );
  return keys.flatMap((key) => compare(key, saved[key], now[key])).slice(0, mostDifferences);
}

function compare(path: string, before: unknown, after: unknown): readonly string[] {
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => compare(`${path}.${key}`, before[key], after[key]));
  }
  const [one, other] = [textOf(before), textOf(after)];
  return one === other ? [] : [`${path}: ${one} → ${other}`];
}

function textOf(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
