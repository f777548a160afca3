import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { constraints } from '../../../src/core/plan/constraints.ts';
import { figures, figureTables, ofEngine, spread } from './figures.ts';
import { gpuOf, modelOf, number, predicted, truth, type Row } from './truth.ts';

const all = figures();
const docs = new URL('../../../docs/planner.md', import.meta.url);
const [begin, end] = ['<!-- figures: npm run plan:check -->', '<!-- end of figures -->'];

describe('memory, against measurements of others', () => {
  it('of vLLM: weights to 0.5 % and KV tokens to 1 % in the mean, 5 % at worst', () => {
    const vllm = ofEngine(all, 'vllm');
    expect(spread(vllm.map(({ weights }) => weights)).mean).toBeLessThan(0.5);
    const tokens = spread(vllm.map((figure) => figure.tokens));
    expect(tokens.count).toBeGreaterThan(50);
    expect(tokens.mean).toBeLessThan(1);
    expect(tokens.worst).toBeLessThan(5);
  });

  it('of TensorRT-LLM: KV tokens within 2 % in 95 of 100 rows', () => {
    const { count, within2 } = spread(ofEngine(all, 'tensorrt-llm').map(({ tokens }) => tokens));
    expect(count).toBeGreaterThan(30);
    expect(within2).toBeGreaterThan(0.95);
  });

  it('stands in docs/planner.md as it is now', async () => {
    const path = docs.pathname;
    const options = { ...(await resolveConfig(path)), filepath: path };
    const text = readFileSync(docs, 'utf8');
    const [before, rest] = text.split(begin);
    const after = rest?.split(end)[1];
    const fresh = await format(
      `${before ?? ''}${begin}\n\n${figureTables(all)}\n\n${end}${after ?? ''}`,
      options,
    );
    if (process.env['UPDATE_FIGURES'] === '1') writeFileSync(docs, fresh);
    expect(readFileSync(docs, 'utf8')).toBe(fresh);
  });
});

/** Least tokens that make a model worth serving where the row does not say for how many it was. */
function needed(row: Row): number {
  return number(row, 'maxModelLen') ?? Math.min(4096, modelOf(row).contextLength);
}

/**
 * What a site's table leaves open it may have set: it states layout and context alone. A row that states nothing about memory is
 * accepted if careful settings serve it.
 */
function fits(row: Row): boolean {
  const fraction = row['fraction'] === '' ? '0.95' : (row['fraction'] ?? '0.95');
  const careful = { ...row, fraction, maxNumSeqs: '16', maxNumBatchedTokens: '2048' };
  const settings = row['kind'] === 'site_runs' ? [row, careful] : [row];
  return settings.some((setting) => predicted(setting).kvCacheTokens >= needed(row));
}

const rows = truth('fit').map(
  (row) =>
    [
      `${row['model'] ?? ''} on ${row['tensor'] ?? ''} × ${row['pipeline'] ?? ''} ${row['gpu'] ?? ''}`,
      row,
    ] as const,
);

describe('what runs and what does not', () => {
  it.each(rows)('%s', (_, row) => {
    expect(fits(row)).toBe(row['fits'] === 'yes');
  });

  it.each(rows.filter(([, row]) => row['fits'] === 'yes'))('%s is not forbidden', (_, row) => {
    const engine = (row['engine'] ?? '').startsWith('nim') ? 'tensorrt-llm' : (row['engine'] ?? '');
    const sharding = { tensor: number(row, 'tensor') ?? 1, pipeline: number(row, 'pipeline') ?? 1 };
    expect(
      constraints(modelOf(row), sharding, gpuOf(row), { engine: { name: engine }, version: null }),
    ).toEqual([]);
  });
});
