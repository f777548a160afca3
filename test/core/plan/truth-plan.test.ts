import { describe, expect, it } from 'vitest';
import { findPlanningEngine } from '../../../src/core/engines/registry.ts';
import { outline } from '../../../src/core/plan/outline.ts';
import { request } from '../../support/planning.ts';
import { gpuOf, modelOf, number, truth, type Row } from './truth.ts';

/** The plan for a row's own settings, on nodes of eight GPUs. */
function planned(row: Row): ReturnType<typeof outline> {
  const name = (row['engine'] ?? '').replace(/^nim.*/, 'tensorrt-llm');
  const engine = findPlanningEngine(name);
  if (!engine.ok) throw new Error(name);
  const version = row['version'] ?? '';
  const [tensor, pipeline] = [number(row, 'tensor') ?? 1, number(row, 'pipeline') ?? 1];
  const asked = {
    ...{ tensor, pipeline, gpus: tensor * pipeline },
    engineVersion: version === '' ? undefined : version,
    maxModelLen: number(row, 'maxModelLen'),
    gpuMemoryUtilization: number(row, 'fraction'),
  };
  return outline({
    request: request(row['model'] ?? '', asked),
    model: modelOf(row),
    engine: engine.value,
    hardware: { gpu: gpuOf(row), gpusPerNode: 8, nodes: 8 },
  });
}

/** Ran on a site whose settings are not known, and does not fit with the engine's own: refused, with settings that fit. */
const tight = new Set(['Kimi-K2.5']);

describe('plans for what others ran', () => {
  const rows = truth('fit').map(
    (row, index) => [`${index} ${row['model'] ?? ''} ${row['gpu'] ?? ''}`, row] as const,
  );
  it.each(rows)('%s', (_, row) => {
    const made = planned(row);
    if (!made.ok) expect(made.failure.kind).toBe('plan-impossible');
    expect(made.ok).toBe(row['fits'] === 'yes' && !tight.has(row['model'] ?? ''));
  });
});
