import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findModel, listModels, recogniseModel } from '../../../src/core/catalog/model.ts';
import { kvBytesPerToken } from '../../../src/core/plan/memory.ts';

const Entry = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  huggingFaceId: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  aliases: z.array(z.string().min(1)),
  gated: z.boolean(),
  config: z.looseObject({ model_type: z.string().min(1) }),
  parameters: z.int().min(1).optional(),
});

function nameOf(word: string): string | undefined {
  const found = findModel(word);
  return found.ok ? found.value.name : undefined;
}

describe('models.json', () => {
  it('satisfies its schema', () => {
    const text = readFileSync(new URL('../../../src/core/catalog/models.json', import.meta.url), 'utf8');
    const entries = z.array(Entry).min(100).parse(JSON.parse(text));
    expect(entries.map(({ name }) => name)).toEqual(listModels().map(({ name }) => name));
  });

  it('has no two models that answer to one name', () => {
    for (const model of listModels()) {
      for (const name of [model.name, model.huggingFaceId, ...model.aliases]) {
        expect(nameOf(name), name).toBe(model.name);
      }
    }
  });

  it('never has more KV layers than layers, nor more KV heads than heads', () => {
    for (const model of listModels()) {
      expect(model.kvLayers, model.name).toBeLessThanOrEqual(model.layers);
      expect(model.kvHeads, model.name).toBeLessThanOrEqual(model.heads);
      expect(model.activeParameters, model.name).toBeLessThanOrEqual(model.parameters);
    }
  });

  // Published figures, to catch a slip in the table or in the formula.
  it.each([
    ['llama3-8b', 131_072],
    ['llama3.1-405b', 516_096],
    ['qwen2.5-7b', 57_344],
    ['deepseek-r1', 70_272],
    ['nemotron-super-49b', 200_704],
    ['gpt-oss-20b', 49_152],
  ])('%s keeps %i bytes of KV cache per token', (name, bytes) => {
    const model = findModel(name);
    expect(model.ok && kvBytesPerToken(model.value)).toBe(bytes);
  });
});

describe('findModel', () => {
  it.each([
    ['llama3-8b', 'llama3-8b'],
    ['Llama-3-8B', 'llama3-8b'],
    ['LLAMA_3_8B_INSTRUCT', 'llama3-8b'],
    ['meta-llama/Meta-Llama-3-8B-Instruct', 'llama3-8b'],
    ['llama3.1-70b', 'llama3.1-70b'],
    ['qwen3-32b', 'qwen3-32b'],
    ['deepseek-r1', 'deepseek-r1'],
    ['deepseek-ai/DeepSeek-R1-0528', 'deepseek-r1'],
    ['mistral-7b', 'mistral-7b'],
    ['GPT_OSS_120B', 'gpt-oss-120b'],
    ['meta-llama/Meta-Llama-3.1-8B', 'llama3.1-8b'],
  ])('finds %s', (word, name) => expect(nameOf(word)).toBe(name));

  it.each([
    ['RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic', 'llama3.3-70b', 'fp8'],
    ['RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w8a8', 'llama3.1-8b', 'int8'],
    ['RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w4a16', 'llama3.1-8b', 'gptq'],
    ['Qwen/Qwen3-32B-FP8', 'qwen3-32b', 'fp8-block'],
    ['Qwen/Qwen2.5-72B-Instruct-AWQ', 'qwen2.5-72b', 'awq'],
    ['Qwen/Qwen2.5-72B-Instruct-GPTQ-Int4', 'qwen2.5-72b', 'gptq'],
    ['nvidia/Llama-3.3-70B-Instruct-NVFP4', 'llama3.3-70b', 'nvfp4'],
    ['llama3.1-405b-fp8', 'llama3.1-405b', 'fp8'],
  ])('finds the quantised variant %s', (word, name, precision) => {
    const found = findModel(word);
    expect(found.ok && [found.value.name, found.value.precision]).toEqual([name, precision]);
  });

  it('suggests what was meant', () => {
    const failure = findModel('lama3-8b');
    expect(failure).toMatchObject({ ok: false, failure: { kind: 'model-unknown', name: 'lama3-8b' } });
    expect(!failure.ok && failure.failure.kind === 'model-unknown' && failure.failure.suggestions[0]).toBe(
      'llama3-8b',
    );
  });

  it.each(['', '   ', '../../etc/passwd', 'constructor', '__proto__', '$(id)'])('does not know %j', (word) =>
    expect(nameOf(word)).toBeUndefined(),
  );
});

describe('recogniseModel', () => {
  it.each([
    ['Meta-Llama-3-8B-Instruct', 'llama3-8b'],
    ['Meta-Llama-3-8B', 'llama3-8b'],
    ['/data/models/Meta-Llama-3-8B-Instruct/', 'llama3-8b'],
    ['models--meta-llama--Meta-Llama-3-8B-Instruct', 'llama3-8b'],
    ['Meta-Llama-3.1-70B-Instruct-Q4_K_M.gguf', 'llama3.1-70b'],
    ['Meta-Llama-3.1-70B-Instruct-Q4_K_M-00001-of-00002.gguf', 'llama3.1-70b'],
    ['Qwen3-0.6B-Q8_0.gguf', 'qwen3-0.6b'],
    ['Qwen3-0.6B-BF16.gguf', 'qwen3-0.6b'],
    ['qwen2.5-7b-instruct-awq', 'qwen2.5-7b'],
    ['Qwen2.5-7B-Instruct-GPTQ-Int4', 'qwen2.5-7b'],
    ['Llama-3.3-70B-Instruct-FP8-dynamic', 'llama3.3-70b'],
    ['gemma-3-27b-it-q4_0.gguf', 'gemma3-27b'],
    ['models--deepseek-ai--DeepSeek-R1', 'deepseek-r1'],
    ['DeepSeek-R1-0528', 'deepseek-r1'],
    ['Mistral-7B-Instruct-v0.3', 'mistral-7b'],
  ])('%s is %s', (name, model) => expect(recogniseModel(name)).toBe(model));

  it.each([
    'model.gguf',
    'DeepSeek-R1-Distill-Llama-9B',
    'llama',
    'checkpoint-500',
    '',
    'Qwen3-0.6B-Embedding',
  ])('says nothing about %j', (name) => expect(recogniseModel(name)).toBeUndefined());
});
