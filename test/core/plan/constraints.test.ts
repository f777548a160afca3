import { describe, expect, it } from 'vitest';
import { findGpu, type Gpu } from '../../../src/core/catalog/gpu.ts';
import { withPrecision } from '../../../src/core/catalog/make-model.ts';
import { findModel, type Model } from '../../../src/core/catalog/model.ts';
import type { WeightPrecision } from '../../../src/core/model-config/precision.ts';
import { constraints } from '../../../src/core/plan/constraints.ts';

function model(name: string, precision?: WeightPrecision): Model {
  const found = findModel(name);
  if (!found.ok) throw new Error(name);
  return precision === undefined ? found.value : withPrecision(found.value, precision);
}

function gpu(id: string): Gpu {
  const found = findGpu(id);
  if (found === undefined) throw new Error(id);
  return found;
}

/** Model, precision, tensor ranks, pipeline stages, GPU. */
type Case = readonly [string, WeightPrecision | undefined, number, number, string];

const vllm = { engine: { name: 'vllm' }, version: '0.19.0' };

describe('constraints', () => {
  it.each<readonly [...Case, string | RegExp]>([
    ['falcon-7b', undefined, 2, 1, 'h100-80', '71 attention heads do not divide by 2 tensor ranks'],
    ['phi4', undefined, 4, 1, 'h100-80', '10 KV heads neither divide by 4 tensor ranks nor into them'],
    ['llama4-scout', undefined, 16, 1, 'h100-80', /40 attention heads/],
    [
      'qwen3-235b',
      'fp8-block',
      8,
      1,
      'h100-80',
      /width 1536 over 8 tensor ranks leaves no whole groups of 128/,
    ],
    ['qwen2.5-72b', 'awq', 8, 1, 'a100-80', /width 29568 over 8/],
    ['llama3.1-8b', undefined, 1, 64, 'h100-80', '32 layers do not make 64 pipeline stages'],
    ['llama3.1-8b', 'fp8', 1, 1, 't4', 'fp8 weights need compute capability 8.0, and the T4 has 7.5'],
    ['llama3.1-8b', 'awq', 1, 1, 'v100-32', /compute capability 7.5/],
    ['gpt-oss-20b', undefined, 1, 1, 't4', /mxfp4 weights need compute capability 8.0/],
    ['llama3.1-8b', undefined, 2, 1, 'a100-40-mig-3g.20gb', 'a process sees one MIG slice only'],
  ])('%s in %s over %i × %i on %s: %s', (...[name, precision, tensor, pipeline, id, sentence]) => {
    const found = constraints(model(name, precision), { tensor, pipeline }, gpu(id), vllm);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(sentence);
  });

  it.each<Case>([
    ['llama3.1-70b', undefined, 8, 1, 'h100-80'],
    ['llama3.1-70b', undefined, 16, 1, 'gb200'],
    ['qwen3-235b', 'fp8-block', 4, 1, 'h100-80'],
    ['deepseek-r1', undefined, 16, 1, 'h200'],
    ['gpt-oss-120b', undefined, 8, 1, 'a100-80'],
    ['llama3.1-8b', 'fp8', 1, 1, 'a100-40'],
    ['llama3.1-8b', 'nvfp4', 1, 1, 'h100-80'],
    ['llama3.1-8b', 'gptq', 1, 1, 'v100-32'],
    ['llama3.1-8b', 'fp8', 1, 1, 'mi300x'],
    ['qwen3-8b', undefined, 1, 3, 'h100-80'],
  ])('%s in %s over %i × %i on %s may run', (...[name, precision, tensor, pipeline, id]) => {
    expect(constraints(model(name, precision), { tensor, pipeline }, gpu(id), vllm)).toEqual([]);
  });

  it('lets expert ranks take experts whole', () => {
    const qwen = model('qwen3-235b', 'fp8-block');
    expect(constraints(qwen, { tensor: 8, pipeline: 1, expert: 8 }, gpu('h100-80'), vllm)).toEqual([]);
    expect(constraints(qwen, { tensor: 4, pipeline: 1, expert: 12 }, gpu('h100-80'), vllm)).toEqual([
      '128 experts do not divide by 12 expert ranks',
    ]);
    expect(
      constraints(model('llama3-8b'), { tensor: 1, pipeline: 1, expert: 2 }, gpu('h100-80'), vllm),
    ).toEqual(['llama3-8b has no experts to share out']);
  });

  it('knows what engines learnt when, and believes that an unknown version has learnt it', () => {
    const oss = model('gpt-oss-20b');
    const on = (name: string, version: string | null) =>
      constraints(oss, { tensor: 1, pipeline: 1 }, gpu('h100-80'), { engine: { name }, version });
    expect(on('vllm', '0.9.2')).toEqual(['mxfp4 weights need vllm 0.10 or later, not 0.9.2']);
    expect(on('vllm', null)).toEqual([]);
    expect(on('tensorrt-llm', '0.20')).toHaveLength(1);
    expect(on('llamacpp', 'b1')).toEqual([]);
  });
});
