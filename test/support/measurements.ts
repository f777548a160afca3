import { readFileSync } from 'node:fs';
import { findGpu } from '../../src/core/catalog/gpu.ts';
import { findModel, recogniseModel, type Model } from '../../src/core/catalog/model.ts';
import { findPlanningEngine } from '../../src/core/engines/registry.ts';
import { withPrecision } from '../../src/core/catalog/make-model.ts';
import type { WeightPrecision } from '../../src/core/model-config/precision.ts';
import { fit } from '../../src/core/plan/memory.ts';
import { rates, type Rates } from '../../src/core/plan/throughput.ts';

/** One line of test/fixtures/throughput/measurements.csv. */
export interface Measured {
  readonly table: string;
  readonly model: string;
  readonly gpu: string;
  readonly gpus: number;
  readonly engine: string;
  readonly version: string | null;
  readonly precision: string;
  readonly tensor: number;
  readonly expert: number;
  readonly data: number;
  readonly input: number;
  readonly output: number;
  /** 0 where the source gives the best batch. */
  readonly concurrency: number;
  /** Milliseconds per token in table E, tokens per second in the others. */
  readonly value: number;
  /** Milliseconds to the first token; 0 where the source has none. */
  readonly firstToken: number;
}

export function measurements(): readonly Measured[] {
  const [, ...lines] = readFileSync('test/fixtures/throughput/measurements.csv', 'utf8').trim().split('\n');
  return lines.map((line) => {
    const cells = line.split(',');
    const text = (column: number): string => cells[column] ?? '';
    const number = (column: number): number => Number(text(column));
    return {
      ...{ table: text(0), model: text(1), gpu: text(2), gpus: number(3), engine: text(4) },
      ...{ version: text(5) === '' ? null : text(5), precision: text(6), tensor: number(7) },
      ...{ expert: number(8), data: number(9), input: number(10), output: number(11) },
      ...{ concurrency: number(12), value: number(13), firstToken: number(14) },
    };
  });
}

/**
 * What a source's word for the precision means. Where the source does not say: SGLang's runs of Qwen3-32B decode faster
 * than 16-bit weights could be read, so that they are the published 8-bit checkpoint; the others agree with 16 bits.
 */
function precisionOf({ model, engine, precision }: Measured): WeightPrecision | undefined {
  if (precision === 'unstated') return model === 'Qwen3-32B' && engine === 'sglang' ? 'fp8' : 'bf16';
  if (precision === 'fp4') return model.startsWith('gpt-oss') ? 'mxfp4' : 'nvfp4';
  if (precision === 'int4') return undefined;
  return precision as WeightPrecision;
}

function modelOf(row: Measured): Model | undefined {
  const found = findModel(recogniseModel(row.model) ?? row.model);
  if (!found.ok) return undefined;
  const precision = precisionOf(row);
  return precision === undefined ? found.value : withPrecision(found.value, precision);
}

/** The prediction for a measured configuration; undefined where the catalog lacks the model. */
export function predict(row: Measured): { readonly rates: Rates; readonly fits: boolean } | undefined {
  const model = modelOf(row);
  const gpu = findGpu(row.gpu);
  const engine = findPlanningEngine(row.engine);
  if (model === undefined || gpu === undefined || !engine.ok) return undefined;
  const sharding = { tensor: row.tensor, pipeline: 1, expert: row.expert };
  const concurrency = row.concurrency === 0 ? 4096 : row.concurrency;
  const load = { maxNumSeqs: concurrency };
  const { kvCacheTokens } = fit(model, gpu, { engine: engine.value, version: row.version, load }, sharding);
  const setup = {
    ...{ model, gpu, sharding, kvCacheTokens, engine: row.engine },
    ...{ neighbours: gpu.nvlinkDomain, kv8: false, maxNumSeqs: concurrency },
  };
  const traffic = { inputTokens: row.input, outputTokens: row.output, concurrency };
  return { rates: rates(setup, traffic, concurrency), fits: kvCacheTokens >= row.input + row.output };
}

/** Whether a row is one of those that the model of decoding is made for. */
export function isDense({ table, model }: Measured): boolean {
  return table === 'E' && /^(?:Llama-3\.1-(?:8|70)B|Qwen3-32B)/.test(model);
}
