import { readFileSync } from 'node:fs';
import { findGpu, type Gpu } from '../../../src/core/catalog/gpu.ts';
import { withPrecision, type Model } from '../../../src/core/catalog/make-model.ts';
import { findModel } from '../../../src/core/catalog/model.ts';
import { weightPrecisions } from '../../../src/core/model-config/precision.ts';
import { fit, type EngineMemory, type Fit } from '../../../src/core/plan/memory.ts';
import { sglangMemory } from '../../../src/core/plan/memory/sglang.ts';
import { tensorrtLlmMemory } from '../../../src/core/plan/memory/tensorrt-llm.ts';
import { vllmMemory } from '../../../src/core/plan/memory/vllm.ts';

/** One line of a table of measurements, by column. */
export type Row = Readonly<Record<string, string>>;

/** Lines of `test/fixtures/truth/<name>.csv`; a cell is quoted where it has a comma. */
export function truth(name: 'memory' | 'fit'): readonly Row[] {
  const text = readFileSync(new URL(`../../fixtures/truth/${name}.csv`, import.meta.url), 'utf8');
  const [header = [], ...lines] = text
    .trimEnd()
    .split('\n')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain ?? ''),
    );
  return lines.map((cells) =>
    Object.fromEntries(header.map((column, index) => [column, cells[index] ?? ''])),
  );
}

const engines: Readonly<Record<string, EngineMemory>> = {
  vllm: vllmMemory,
  sglang: sglangMemory,
  'tensorrt-llm': tensorrtLlmMemory,
  'nim(trtllm)': tensorrtLlmMemory,
  nim: tensorrtLlmMemory,
};

/** The engine that a row names. */
function engineOf(row: Row): EngineMemory {
  const engine = engines[row['engine'] ?? ''];
  if (engine === undefined) throw new Error(`no engine ${row['engine'] ?? ''}`);
  return engine;
}

/** The model of a row in the row's precision. */
export function modelOf(row: Row): Model {
  const found = findModel(row['model'] ?? '');
  if (!found.ok) throw new Error(`no model ${row['model'] ?? ''}`);
  const precision = weightPrecisions.find((name) => name === row['weights']);
  return precision === undefined ? found.value : withPrecision(found.value, precision);
}

/** The GPU of a row. */
export function gpuOf(row: Row): Gpu {
  const gpu = findGpu(row['gpu'] ?? '');
  if (gpu === undefined) throw new Error(`no GPU ${row['gpu'] ?? ''}`);
  return gpu;
}

/** A number of a row; undefined where the cell is empty. */
export function number(row: Row, column: string): number | undefined {
  const cell = row[column] ?? '';
  return cell === '' ? undefined : Number(cell);
}

/** What we predict for a row at its own settings; what it leaves open is the engine's default. */
export function predicted(row: Row): Fit {
  const version = row['version'] ?? '';
  const load = {
    fraction: number(row, 'fraction'),
    maxNumSeqs: number(row, 'maxNumSeqs'),
    maxNumBatchedTokens: number(row, 'maxNumBatchedTokens'),
    maxModelLen: number(row, 'maxModelLen'),
    kvCache: row['kvCache'] === 'fp8' ? ('fp8' as const) : undefined,
  };
  const engine = { engine: { memory: engineOf(row) }, version: version === '' ? null : version, load };
  const sharding = { tensor: number(row, 'tensor') ?? 1, pipeline: number(row, 'pipeline') ?? 1 };
  return fit(modelOf(row), gpuOf(row), engine, sharding);
}
