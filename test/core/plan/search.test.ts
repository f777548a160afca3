import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findGpu, listGpus, type Gpu } from '../../../src/core/catalog/gpu.ts';
import { findModel, listModels, type Model } from '../../../src/core/catalog/model.ts';
import { findPlanningEngine } from '../../../src/core/engines/registry.ts';
import { outline, type OutlineInput } from '../../../src/core/plan/outline.ts';
import type { PlanOutline } from '../../../src/core/plan/plan.ts';
import type { Request } from '../../../src/core/plan/request.ts';
import { objectives } from '../../../src/core/plan/traffic.ts';
import { request } from '../../support/planning.ts';

function gpu(id: string): Gpu {
  const found = findGpu(id);
  if (found === undefined) throw new Error(id);
  return found;
}

function model(name: string): Model {
  const found = findModel(name);
  if (!found.ok) throw new Error(name);
  return found.value;
}

interface Site {
  readonly gpu: string;
  readonly gpusPerNode: number;
}

function ask(
  name: string,
  asked: Partial<Request>,
  { gpu: id, gpusPerNode }: Site,
): ReturnType<typeof outline> {
  const wanted = request(name, asked);
  const engine = findPlanningEngine(wanted.engine ?? 'vllm');
  if (!engine.ok) throw new Error(JSON.stringify(engine.failure));
  const input: OutlineInput = {
    request: wanted,
    model: model(name),
    engine: engine.value,
    hardware: { gpu: gpu(id), gpusPerNode, nodes: 256 },
  };
  return outline(input);
}

const h100: Site = { gpu: 'h100-80', gpusPerNode: 8 };

function plan(name: string, asked: Partial<Request> = {}, site: Site = h100): PlanOutline {
  const made = ask(name, { engineVersion: '0.19.0', ...asked }, site);
  if (!made.ok) throw new Error(JSON.stringify(made.failure));
  return made.value;
}

function reasons({ decisions }: PlanOutline): string {
  return decisions.map(({ what, value, because }) => `${what} ${value}, because ${because}`).join('\n');
}

describe('the search', () => {
  it('does not shard what fits one GPU, and serves it once on each', () => {
    expect(plan('llama3.1-8b', { gpus: 8 }).parallelism).toEqual({
      ...{ tensor: 1, pipeline: 1, expert: 1, replicas: 8 },
    });
  });

  it('cuts by tensor inside an NVLink node, and says why', () => {
    const made = plan('llama3.1-405b', { gpus: 8, precision: 'fp8' });
    expect(made.parallelism).toMatchObject({ tensor: 8, pipeline: 1 });
    expect(reasons(made)).toContain(
      'tensor 8, because 8 KV heads divide by 8, and the NVLink domain has 8 GPUs',
    );
  });

  it.each([
    [8, { tensor: 8, pipeline: 2 }],
    [4, { tensor: 4, pipeline: 4 }],
  ])('puts stages on nodes of %i GPUs, with the tensor ranks inside', (gpusPerNode, parallelism) => {
    const made = plan('llama3.1-405b', { gpus: 16 }, { gpu: 'h100-80', gpusPerNode });
    expect(made.parallelism).toMatchObject(parallelism);
    expect(made.placement).toMatchObject({ nodes: 16 / gpusPerNode, gpusPerNode });
  });

  it('lets tensor ranks span the nodes of an NVLink rack', () => {
    const made = plan('deepseek-r1', { gpus: 8, tensor: undefined }, { gpu: 'gb200', gpusPerNode: 4 });
    expect(made.placement).toMatchObject({ nodes: 2, gpusPerNode: 4 });
    expect(made.parallelism.pipeline).toBe(1);
  });

  it('takes as few GPUs as will do', () => {
    const made = plan('llama3.1-70b');
    expect(made.placement.nodes * made.placement.gpusPerNode).toBe(2);
    const many = plan('llama3.1-70b', { concurrency: 256 });
    expect(many.placement.nodes * many.placement.gpusPerNode).toBeGreaterThan(2);
    expect(many.traffic.concurrency).toBe(256);
  });

  it('keeps what was fixed, and never runs what an engine forbids', () => {
    expect(plan('llama3.1-70b', { gpus: 8, tensor: 2, pipeline: 2 }).parallelism).toEqual({
      ...{ tensor: 2, pipeline: 2, expert: 1, replicas: 2 },
    });
    const refused = ask('llama3.1-70b', { gpus: 3, tensor: 3 }, h100);
    expect(refused).toMatchObject({ ok: false, failure: { kind: 'plan-impossible' } });
    expect(JSON.stringify(refused)).toContain('64 attention heads do not divide by 3');
  });

  it('keeps the latency that was asked for, or refuses', () => {
    const asked = { gpus: 8, concurrency: 32, maxLatencyMs: 20 };
    expect(plan('llama3.1-70b', asked).prediction.perTokenLatencyMs.value).toBeLessThanOrEqual(20);
    const refused = ask('llama3.1-70b', { ...asked, maxLatencyMs: 1 }, h100);
    expect(JSON.stringify(refused)).toMatch(/take \d+\.\d ms per token at least, not 1/);
  });

  it('prefers what it is told to', () => {
    const by = (optimize: Request['optimize']): PlanOutline =>
      plan('llama3.1-70b', { gpus: 8, concurrency: 8, optimize });
    const latency = by('latency').prediction.perTokenLatencyMs.value;
    const kv = ({ capacity, parallelism }: PlanOutline): number =>
      capacity.kvCacheTokens * parallelism.replicas;
    for (const objective of objectives) {
      expect(latency).toBeLessThanOrEqual(by(objective).prediction.perTokenLatencyMs.value);
      expect(kv(by('context'))).toBeGreaterThanOrEqual(kv(by(objective)));
    }
  });

  it('offers fewer tokens, narrower weights and more GPUs where it refuses', () => {
    const refused = ask('llama3.1-70b', { gpus: 1, maxModelLen: 32_768 }, h100);
    if (refused.ok || refused.failure.kind !== 'plan-impossible') throw new Error('it was planned');
    const { alternatives } = refused.failure;
    const commands = alternatives.map(({ command }) => command).join('\n');
    expect(commands).toMatch(/--gpus [234]\b/);
    expect(alternatives.length).toBeGreaterThan(0);
    for (const { summary } of alternatives) expect(summary).toMatch(/tokens of context, \d+ tokens\/s/);
  });
});

describe('every layout', () => {
  const anyQuestion = fc.record({
    name: fc.constantFrom(...listModels().map((known) => known.name)),
    id: fc.constantFrom(...listGpus().map((known) => known.id)),
    gpusPerNode: fc.constantFrom(1, 2, 4, 8),
    gpus: fc.integer({ min: 1, max: 64 }),
    optimize: fc.constantFrom(...objectives),
    engine: fc.constantFrom('vllm', 'sglang', 'tensorrt-llm', 'llamacpp'),
    concurrency: fc.option(fc.integer({ min: 1, max: 5000 }), { nil: undefined }),
    maxModelLen: fc.option(fc.integer({ min: 1, max: 200_000 }), { nil: undefined }),
    kvCache: fc.constantFrom(undefined, 'fp8' as const),
  });

  it('fits its GPUs, uses all that were asked for, and predicts finite figures', () => {
    let planned = 0;
    fc.assert(
      fc.property(anyQuestion, ({ name, id, gpusPerNode, ...asked }) => {
        const made = ask(name, asked, { gpu: id, gpusPerNode });
        if (!made.ok) return;
        planned += 1;
        const { memory, parallelism, placement, prediction, capacity, cost } = made.value;
        const { tensor, pipeline, replicas } = parallelism;
        expect(tensor * pipeline * replicas).toBe(asked.gpus);
        expect(placement.nodes * placement.gpusPerNode).toBe(asked.gpus);
        expect(placement.gpusPerNode).toBeLessThanOrEqual(gpusPerNode);
        const terms = [memory.weightsGiB, memory.activationsGiB, memory.runtimeGiB, memory.kvCacheGiB];
        for (const term of terms) expect(term).toBeGreaterThanOrEqual(0);
        expect(terms.reduce((sum, term) => sum + term)).toBeCloseTo(memory.totalGiB, 6);
        expect(memory.totalGiB).toBeLessThanOrEqual(memory.gpuGiB);
        expect(capacity.maxModelLen).toBeLessThanOrEqual(capacity.kvCacheTokens);
        for (const { low, value, high } of Object.values(prediction)) {
          expect(0 < low && low < value && value < high && Number.isFinite(high)).toBe(true);
        }
        expect(cost.gpuHoursPerMillionTokens).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
    expect(planned).toBeGreaterThan(100);
  });

  it('offers no less on twice the GPUs', () => {
    let compared = 0;
    fc.assert(
      fc.property(anyQuestion, ({ name, id, gpusPerNode, gpus, ...rest }) => {
        // Under a given load the context is as long as its requests, and more GPUs are for speed.
        const asked = { ...rest, concurrency: undefined };
        const site = { gpu: id, gpusPerNode };
        const [few, many] = [gpus, 2 * gpus].map((count) => ask(name, { ...asked, gpus: count }, site));
        if (few?.ok !== true) return;
        compared += 1;
        if (many?.ok !== true) throw new Error(JSON.stringify(many));
        const offered = ({ capacity }: PlanOutline): number =>
          Math.min(capacity.maxModelLen, model(name).contextLength);
        expect(offered(many.value)).toBeGreaterThanOrEqual(offered(few.value));
        if (asked.optimize === 'context') {
          const kv = ({ capacity, parallelism }: PlanOutline): number =>
            capacity.kvCacheTokens * parallelism.replicas;
          expect(many.value.capacity.maxModelLen).toBeGreaterThanOrEqual(few.value.capacity.maxModelLen);
          if (many.value.capacity.maxModelLen === few.value.capacity.maxModelLen) {
            expect(kv(many.value)).toBeGreaterThanOrEqual(kv(few.value));
          }
        }
      }),
      { numRuns: 500 },
    );
    expect(compared).toBeGreaterThan(50);
  });
});
