import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findGpu, listGpus } from '../../../src/core/catalog/gpu.ts';
import { withPrecision } from '../../../src/core/catalog/make-model.ts';
import { findModel, listModels, type Model } from '../../../src/core/catalog/model.ts';
import { vllm } from '../../../src/core/engines/vllm.ts';
import { weightPrecisions } from '../../../src/core/model-config/precision.ts';
import { fit, kvCacheGiB } from '../../../src/core/plan/memory.ts';
import { llamacppMemory } from '../../../src/core/plan/memory/llamacpp.ts';
import { sglangMemory } from '../../../src/core/plan/memory/sglang.ts';
import { tensorrtLlmMemory } from '../../../src/core/plan/memory/tensorrt-llm.ts';
import { vllmMemory } from '../../../src/core/plan/memory/vllm.ts';
import { stageLayers } from '../../../src/core/plan/memory/weights.ts';

function model(name: string): Model {
  const found = findModel(name);
  if (!found.ok) throw new Error(name);
  return found.value;
}

const h100 = findGpu('h100-80');
if (h100 === undefined) throw new Error('h100-80');
const version = '0.19.0';

describe('weights on one GPU', () => {
  // "Model loading took … GiB" of vLLM on H100, per rank.
  it.each<[string, number, number, number]>([
    ['llama3.1-8b', 1, 1, 14.99],
    ['llama3.1-8b', 1, 2, 7.51],
    ['llama3.1-8b', 1, 4, 4.26],
    ['llama3.1-8b', 2, 1, 7.51],
    ['llama3.1-8b', 4, 1, 3.77],
    ['codellama-7b', 1, 1, 12.56],
    ['gemma2-27b', 1, 1, 50.72],
    ['qwen2.5-7b', 2, 1, 7.12],
    ['qwen2.5-72b', 2, 1, 67.8],
    ['qwen3-32b', 1, 1, 61.03],
    ['qwen3-32b', 2, 1, 30.59],
    ['mixtral-8x7b', 2, 1, 43.51],
    ['qwen1.5-moe-a2.7b', 1, 1, 26.67],
    ['llama4-scout', 4, 1, 53.12],
  ])('of %s with tensor %i, pipeline %i are %f GiB', (name, tensor, pipeline, measured) => {
    const { memory } = fit(model(name), h100, { engine: vllm, version }, { tensor, pipeline });
    expect(Math.abs(memory.weightsGiB / measured - 1)).toBeLessThan(0.011);
  });
});

describe('KV cache', () => {
  it('is divided by the tensor ranks, but never below one head', () => {
    const llama = model('llama3.1-70b');
    expect(kvCacheGiB(llama, { tensor: 8, pipeline: 1 }, 2 ** 20)).toBe(40);
    expect(kvCacheGiB(llama, { tensor: 16, pipeline: 1 }, 2 ** 20)).toBe(40);
    expect(kvCacheGiB(llama, { tensor: 1, pipeline: 8 }, 2 ** 20)).toBe(40);
  });

  it('of a latent is whole on every tensor rank', () => {
    const deepseek = model('deepseek-r1');
    const tokens = 10_000;
    expect(kvCacheGiB(deepseek, { tensor: 8, pipeline: 1 }, tokens)).toBe(
      kvCacheGiB(deepseek, { tensor: 1, pipeline: 1 }, tokens),
    );
  });

  it('holds no token where the weights alone are too large', () => {
    const { kvCacheTokens, memory } = fit(
      model('llama3.1-70b'),
      h100,
      { engine: vllm, version },
      { tensor: 1, pipeline: 1 },
    );
    expect(kvCacheTokens).toBe(0);
    expect(memory.kvCacheGiB).toBe(0);
  });
});

describe('activations of vLLM', () => {
  it('shrank with 0.17, and an unknown version counts as old', () => {
    const activations = (of: string | null): number =>
      fit(model('qwen3-8b'), h100, { engine: vllm, version: of }, { tensor: 1, pipeline: 1 }).memory
        .activationsGiB;
    expect(activations('0.16.0')).toBeGreaterThan(activations('0.17.0'));
    expect(activations('v0.20.1')).toBe(activations('0.17.0'));
    expect(activations(null)).toBe(activations('0.9.2'));
  });
});

describe('the memory of any model in any layout', () => {
  const layout = fc.record({
    tensor: fc.integer({ min: 1, max: 16 }),
    pipeline: fc.integer({ min: 1, max: 8 }),
  });
  const load = fc.record(
    {
      fraction: fc.double({ min: 0.1, max: 1, noNaN: true }),
      maxNumSeqs: fc.integer({ min: 1, max: 4096 }),
      maxNumBatchedTokens: fc.integer({ min: 1, max: 65536 }),
      maxModelLen: fc.integer({ min: 1, max: 2 ** 24 }),
      kvCache: fc.constantFrom('auto' as const, 'fp8' as const),
    },
    { requiredKeys: [] },
  );
  const question = fc.record({
    model: fc.constantFrom(...listModels()),
    precision: fc.constantFrom(undefined, ...weightPrecisions),
    gpu: fc.constantFrom(...listGpus()),
    memory: fc.constantFrom(vllmMemory, tensorrtLlmMemory, sglangMemory, llamacppMemory),
    version: fc.constantFrom(null, '0.8.5', '0.11.0', '0.19.1', '0.21.0', '0.24.0', '1.2.1'),
    sharding: layout,
    load,
  });

  it('has terms of zero or more that add up to the total, and where tokens are left, the total is within the GPU', () => {
    fc.assert(
      fc.property(question, ({ model: chosen, precision, gpu, memory, version, sharding, load: set }) => {
        const quantised = precision === undefined ? chosen : withPrecision(chosen, precision);
        const found = fit(quantised, gpu, { engine: { memory }, version, load: set }, sharding);
        const { totalGiB, gpuGiB, ...terms } = found.memory;
        expect(Object.values(terms).every((term) => Number.isFinite(term) && term >= 0)).toBe(true);
        expect(totalGiB).toBe(terms.weightsGiB + terms.activationsGiB + terms.runtimeGiB + terms.kvCacheGiB);
        if (found.kvCacheTokens > 0) expect(totalGiB).toBeLessThanOrEqual(gpuGiB + 1e-6);
      }),
      { numRuns: 3000 },
    );
  });

  it('has no fewer tokens on a larger GPU, with more of it, or with an 8-bit cache', () => {
    fc.assert(
      fc.property(question, ({ model: chosen, gpu, memory, version, sharding, load: set }) => {
        const tokens = (more: object, of = gpu): number =>
          fit(
            chosen,
            of,
            {
              engine: { memory },
              version,
              load: { fraction: 0.9, maxNumSeqs: 64, maxNumBatchedTokens: 2048, ...set, ...more },
            },
            sharding,
          ).kvCacheTokens;
        const now = tokens({});
        expect(tokens({ fraction: 1 })).toBeGreaterThanOrEqual(now);
        expect(tokens({ kvCache: 'fp8' })).toBeGreaterThanOrEqual(now);
        expect(tokens({}, { ...gpu, memoryGiB: gpu.memoryGiB * 2 })).toBeGreaterThanOrEqual(now);
      }),
    );
  });

  it('takes at most 50 µs', () => {
    const big = model('deepseek-r1');
    const engine = { engine: { memory: vllmMemory }, version };
    const once = (): number => fit(big, h100, engine, { tensor: 8, pipeline: 2 }).kvCacheTokens;
    for (let warm = 0; warm < 500; warm++) once();
    const times = Array.from({ length: 200 }, () => {
      const started = performance.now();
      once();
      return performance.now() - started;
    }).toSorted((a, b) => a - b);
    expect((times[100] ?? 1) * 1000).toBeLessThan(50);
  });
});

describe('the KV cache of models that do not attend to everything', () => {
  it('is spent on the layers that do', () => {
    const engine = { engine: { memory: vllmMemory }, version, load: { maxModelLen: 131_072 } };
    const gemma = model('gemma3-27b');
    const windowed = fit(gemma, h100, engine, { tensor: 2, pipeline: 1 }).kvCacheTokens;
    const blocks = gemma.blocks.map((block) => ({
      ...block,
      kv: block.kv === null ? null : { ...block.kv, window: null },
    }));
    const whole = fit({ ...gemma, blocks }, h100, engine, { tensor: 2, pipeline: 1 }).kvCacheTokens;
    expect(windowed).toBeGreaterThan(3 * whole);
  });

  it('is one page per sequence in recurrent layers', () => {
    const next = model('qwen3-next-80b');
    const tokens = (maxModelLen: number): number =>
      fit(
        next,
        h100,
        { engine: { memory: vllmMemory }, version, load: { maxModelLen } },
        { tensor: 4, pipeline: 1 },
      ).kvCacheTokens;
    expect(tokens(262_144)).toBeGreaterThan(tokens(2048));
  });
});

describe('pipeline stages', () => {
  it.each([
    [36, 3, [12, 12, 12]],
    [32, 3, [11, 11, 10]],
    [61, 4, [15, 15, 16, 15]],
    [5, 1, [5]],
  ])('share %i layers by %i', (layers, stages, sizes) => {
    const found = stageLayers(layers, stages);
    expect(found.map(([from, to]) => to - from)).toEqual(sizes);
    expect(found[0]?.[0]).toBe(0);
    expect(found.at(-1)?.[1]).toBe(layers);
  });
});
