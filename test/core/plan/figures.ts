import { number, predicted, truth, type Row } from './truth.ts';

/** A measured value, ours, and by how much that differs. */
export interface Compared {
  readonly measured: number;
  readonly ours: number;
  /** Percent. */
  readonly error: number;
}

/** One row of measurements with what we predict for it. */
export interface Figure {
  readonly row: Row;
  readonly weights: Compared | undefined;
  readonly kvCache: Compared | undefined;
  readonly tokens: Compared | undefined;
}

function compare(measured: number | undefined, ours: number): Compared | undefined {
  if (measured === undefined || measured <= 0) return undefined;
  return { measured, ours, error: (ours / measured - 1) * 100 };
}

/** TensorRT-LLM's pools were measured in whole sequences: the truth is a range, and inside it there is no error. */
function compareRange(from: number | undefined, to: number | undefined, ours: number): Compared | undefined {
  if (from === undefined || to === undefined) return undefined;
  return compare(ours < from ? from : ours > to ? to : ours, ours);
}

/** All rows of `memory.csv` that have a full context. */
export function figures(): readonly Figure[] {
  return truth('memory').map((row) => {
    const { memory, kvCacheTokens } = predicted(row);
    return {
      row,
      weights: compare(number(row, 'weightsGiB'), memory.weightsGiB),
      kvCache: compare(number(row, 'kvCacheGiB'), memory.kvCacheGiB),
      tokens: compareRange(number(row, 'kvTokensFrom'), number(row, 'kvTokensTo'), kvCacheTokens),
    };
  });
}

/** Mean, median and worst of absolute errors, percent. */
export function spread(errors: readonly (Compared | undefined)[]): {
  readonly count: number;
  readonly mean: number;
  readonly median: number;
  readonly worst: number;
  readonly within2: number;
} {
  const sorted = errors
    .flatMap((one) => (one === undefined ? [] : [Math.abs(one.error)]))
    .toSorted((a, b) => a - b);
  const count = sorted.length;
  return {
    count,
    mean: sorted.reduce((sum, error) => sum + error, 0) / count,
    median: sorted[Math.floor(count / 2)] ?? 0,
    worst: sorted.at(-1) ?? 0,
    within2: sorted.filter((error) => error <= 2).length / count,
  };
}

const percent = (one: Compared | undefined): string =>
  one === undefined ? '' : `${one.error < 0 ? '−' : '+'}${Math.abs(one.error).toFixed(2)} %`;

const digits = (one: Compared | undefined, places: number): string =>
  one === undefined ? '' : one.measured.toFixed(places);

function line({ row, weights, kvCache, tokens }: Figure): string {
  const cell = (column: string): string => row[column] ?? '';
  const name = cell('model').replace(/^.*\//, '');
  const kv = cell('kvCache') === '' ? '' : `${cell('kvCache')} KV`;
  const variant = [cell('weights'), kv].filter((word) => word !== '').join(', ');
  const cells = [
    variant === '' ? name : `${name} (${variant})`,
    `${cell('tensor')} × ${cell('pipeline')}, ${cell('gpu')}, ${cell('fraction')}`,
    cell('maxModelLen'),
    `${cell('engine')} ${cell('version')}`.trim(),
    ...[digits(weights, 2), percent(weights)],
    ...[digits(kvCache, 2), percent(kvCache)],
    ...[digits(tokens, 0), percent(tokens)],
  ];
  return `| ${cells.join(' | ')} |`;
}

function summary(name: string, errors: readonly (Compared | undefined)[]): string {
  const { count, mean, median, worst, within2 } = spread(errors);
  const figure = (value: number): string => `${value.toFixed(2)} %`;
  return `| ${name} | ${count} | ${figure(mean)} | ${figure(median)} | ${figure(worst)} | ${(within2 * 100).toFixed(0)} % |`;
}

/** The rows of one engine. */
export function ofEngine(all: readonly Figure[], engine: string): readonly Figure[] {
  return all.filter(({ row }) => row['engine'] === engine);
}

/** The two tables of docs/planner.md. */
export function figureTables(all: readonly Figure[]): string {
  const vllm = ofEngine(all, 'vllm');
  const tensorrt = ofEngine(all, 'tensorrt-llm');
  return [
    '| error of | rows | mean | median | worst | within 2 % |',
    '| --- | --- | --- | --- | --- | --- |',
    summary(
      'vLLM, weights',
      vllm.map(({ weights }) => weights),
    ),
    summary(
      'vLLM, KV cache in GiB',
      vllm.map(({ kvCache }) => kvCache),
    ),
    summary(
      'vLLM, KV cache in tokens',
      vllm.map(({ tokens }) => tokens),
    ),
    summary(
      'TensorRT-LLM, KV cache in tokens',
      tensorrt.map(({ tokens }) => tokens),
    ),
    '',
    '| model | tensor × pipeline, GPU, fraction | context | engine | weights GiB | error | KV GiB | error | KV tokens | error |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...all.map(line),
  ].join('\n');
}
