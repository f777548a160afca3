import { describe, expect, it } from 'vitest';
import { findGpu } from '../../../src/core/catalog/gpu.ts';
import { findModel, type Model } from '../../../src/core/catalog/model.ts';
import { vllm } from '../../../src/core/engines/vllm.ts';
import { fit, kvCacheGiB } from '../../../src/core/plan/memory.ts';

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
