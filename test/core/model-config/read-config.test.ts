import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findGpu } from '../../../src/core/catalog/gpu.ts';
import { modelFromConfig } from '../../../src/core/catalog/make-model.ts';
import entries from '../../../src/core/catalog/models.json' with { type: 'json' };
import { parseModelConfig, readModelConfig } from '../../../src/core/model-config/read-config.ts';
import { fit } from '../../../src/core/plan/memory.ts';
import { vllmMemory } from '../../../src/core/plan/memory/vllm.ts';

const identity = { name: 'mine', huggingFaceId: 'me/mine', aliases: [], gated: false };
const gpu = findGpu('h100-80');
if (gpu === undefined) throw new Error('h100-80');

const llama = {
  model_type: 'llama',
  hidden_size: 4096,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  intermediate_size: 14336,
  vocab_size: 128256,
  max_position_embeddings: 131072,
  tie_word_embeddings: false,
  torch_dtype: 'bfloat16',
};

/** The fields that a config is refused for; none where it is accepted. */
function refused(config: unknown): readonly string[] {
  const read = readModelConfig(config, 'config.json');
  if (read.ok) return [];
  if (read.failure.kind !== 'model-config') throw new Error(read.failure.kind);
  return read.failure.problems.map(({ field, message }) => `${field}: ${message}`);
}

function precision(quantisation: unknown, more: object = {}): unknown {
  const read = readModelConfig({ ...llama, ...more, quantization_config: quantisation }, 'config.json');
  return read.ok ? read.value.precision : read.failure;
}

describe('a config.json that is wrong', () => {
  it.each([
    [{ hidden_size: -1 }, 'hidden_size: must be from 1 to 1048576, not -1'],
    [{ hidden_size: 0 }, 'hidden_size: must be from 1 to 1048576, not 0'],
    [{ hidden_size: 1e300 }, 'hidden_size: must be a whole number, not 1e+300'],
    [{ hidden_size: Number.NaN }, 'hidden_size: must be a whole number, not NaN'],
    [{ hidden_size: 4096.5 }, 'hidden_size: must be a whole number, not 4096.5'],
    [{ hidden_size: '4096' }, 'hidden_size: must be a whole number, not "4096"'],
    [{ hidden_size: undefined }, 'hidden_size: is missing'],
    [{ num_hidden_layers: 1e9 }, 'num_hidden_layers: must be from 1 to 2000, not 1000000000'],
    [{ num_attention_heads: [] }, 'num_attention_heads: must be a whole number, not a list'],
    [{ num_key_value_heads: 64 }, 'num_key_value_heads: must not exceed the 32 attention heads'],
    [{ vocab_size: {} }, 'vocab_size: must be a whole number, not an object'],
    [{ tie_word_embeddings: 'no' }, 'tie_word_embeddings: must be true or false, not "no"'],
    [{ max_position_embeddings: null }, 'max_position_embeddings: is missing'],
    [{ layer_types: ['full_attention'] }, 'layer_types: must name the kind of each of the 32 layers'],
    [{ rope_scaling: 8 }, 'rope_scaling: must be an object, not 8'],
    [
      { rope_scaling: { type: 'linear', factor: -2 } },
      'rope_scaling.factor: must be a number above 0 and up to 100000, not -2',
    ],
    [
      { text_config: { ...llama, vocab_size: -3 } },
      'text_config.vocab_size: must be from 1 to 16777216, not -3',
    ],
    [
      { quantization_config: { quant_method: 'magic' } },
      'quantization_config.quant_method: "magic" is not a format that is known here',
    ],
  ])('%j is refused by its field', (change, problem) => {
    expect(refused({ ...llama, ...change })).toContain(problem);
  });

  it('names all fields at once, and no more than a person would read', () => {
    expect(refused({}).length).toBeGreaterThan(4);
    expect(
      refused({ block_configs: Array.from({ length: 2000 }, () => ({ ffn: { ffn_mult: 'x' } })) }).length,
    ).toBeLessThan(25);
  });

  it('is refused where the sizes are possible alone but not together', () => {
    const huge = {
      ...llama,
      hidden_size: 2 ** 20,
      intermediate_size: 2 ** 20,
      num_hidden_layers: 2000,
      num_attention_heads: 2 ** 10,
    };
    expect(refused(huge)[0]).toMatch(/^hidden_size: the sizes multiply to/);
  });

  it.each(['', 'null', '[]', '3', '"x"', '{', '{"hidden_size": NaN}', '\u0000'])(
    'text %j is refused',
    (text) => {
      expect(parseModelConfig(text, 'config.json').ok).toBe(false);
    },
  );

  it('of 50 MB, or nested a million deep, is refused at once', () => {
    const started = performance.now();
    expect(parseModelConfig(`{"a":"${'x'.repeat(50_000_000)}"}`, 'config.json').ok).toBe(false);
    expect(parseModelConfig('['.repeat(1_000_000), 'config.json').ok).toBe(false);
    expect(
      parseModelConfig(
        `{"text_config":${'{"text_config":'.repeat(10_000)}1${'}'.repeat(10_001)}`,
        'config.json',
      ).ok,
    ).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('has no way to the prototype', () => {
    const text = JSON.stringify(llama).replace('{', '{"__proto__":{"num_local_experts":8},"constructor":1,');
    const model = modelFromConfig(identity, text, 'config.json');
    expect(model.ok && model.value.moe).toBeNull();
  });
});

describe('any config.json', () => {
  const odd = fc.oneof(
    fc.integer(),
    fc.double(),
    fc.constantFrom(
      null,
      true,
      '',
      'x',
      -1,
      0,
      1,
      7,
      2 ** 31,
      2 ** 53,
      1e308,
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ),
    fc.jsonValue({ maxDepth: 3 }),
  );
  const configs = entries.map(({ config }) => config as Readonly<Record<string, unknown>>);

  it('gives a model whose plan is finite and within the GPU, or a failure with a field; it never throws', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...configs),
        fc.array(fc.tuple(fc.nat(), odd), { maxLength: 3 }),
        (config, changes) => {
          const changed: Record<string, unknown> = { ...config };
          const inside = { ...(config['text_config'] as object | undefined) } as Record<string, unknown>;
          const target = 'text_config' in config ? inside : changed;
          for (const [at, value] of changes) {
            const keys = Object.keys(target);
            target[keys[at % keys.length] ?? 'x'] = value;
          }
          if ('text_config' in config) changed['text_config'] = inside;
          const model = modelFromConfig(identity, changed, 'config.json');
          if (!model.ok) {
            expect(model.failure.kind).toBe('model-config');
            return;
          }
          const { memory, kvCacheTokens } = fit(
            model.value,
            gpu,
            { engine: { memory: vllmMemory }, version: null },
            { tensor: 1, pipeline: 1 },
          );
          expect(Object.values(memory).every((term) => Number.isFinite(term) && term >= 0)).toBe(true);
          expect(Number.isSafeInteger(kvCacheTokens) && kvCacheTokens >= 0).toBe(true);
          expect(Number.isSafeInteger(model.value.parameters)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('as any JSON or any text gives a result', () => {
    fc.assert(fc.property(fc.jsonValue(), (json) => typeof readModelConfig(json, 'x').ok === 'boolean'));
    fc.assert(fc.property(fc.string(), (text) => typeof parseModelConfig(text, 'x').ok === 'boolean'));
  });
});

describe('quantization_config', () => {
  it.each([
    [
      { quant_method: 'fp8', weight_block_size: [128, 128] },
      { name: 'fp8-block', linear: 8 + 32 / 16384, group: 128 },
    ],
    [{ quant_method: 'fp8' }, { name: 'fp8', linear: 8, group: null }],
    [
      { quant_method: 'awq', bits: 4, group_size: 128 },
      { name: 'awq', linear: 4.15625, group: 128 },
    ],
    [
      { quant_method: 'gptq', bits: 4, group_size: 64 },
      { name: 'gptq', linear: 4.3125, group: 64 },
    ],
    [
      { quant_method: 'gptq', bits: 8, group_size: 128 },
      { name: 'int8', linear: 8 },
    ],
    [{ quant_method: 'mxfp4' }, { name: 'mxfp4', linear: 16, experts: 4.25, group: 32 }],
    [
      { quant_method: 'modelopt', quant_algo: 'NVFP4', group_size: 16 },
      { name: 'nvfp4', linear: 4.5, group: 16 },
    ],
    [
      { quant_method: 'modelopt', quant_algo: 'FP8' },
      { name: 'fp8', linear: 8 },
    ],
    [
      {
        quant_method: 'compressed-tensors',
        config_groups: { group_0: { weights: { num_bits: 8, type: 'int' } } },
      },
      { name: 'int8', linear: 8 },
    ],
    [
      {
        quant_method: 'compressed-tensors',
        config_groups: { group_0: { weights: { num_bits: 8, type: 'float' } } },
      },
      { name: 'fp8', linear: 8 },
    ],
    [
      {
        quant_method: 'compressed-tensors',
        config_groups: { group_0: { weights: { num_bits: 4, type: 'int', group_size: 128 } } },
      },
      { name: 'int4', linear: 4.125, group: 128 },
    ],
    [
      {
        quant_method: 'compressed-tensors',
        config_groups: { group_0: { weights: { num_bits: 4, type: 'int', group_size: 32 } } },
        ignore: ['lm_head', 're:.*self_attn.*', 're:.*shared_experts.*'],
      },
      { name: 'int4', linear: 16, experts: 4.5, group: 32 },
    ],
  ])('%j is %j', (quantisation, expected) => {
    expect(precision(quantisation)).toMatchObject(expected);
  });

  it.each([
    [['lm_head'], [8, 8, 8]],
    [
      ['re:.*self_attn.*', 'lm_head'],
      [16, 8, 8],
    ],
    [
      ['model.layers.0.self_attn.q_proj', 'model.layers.0.mlp.down_proj'],
      [8, 8, 8],
    ],
    [Array.from({ length: 32 }, (_, layer) => `model.layers.${layer}.self_attn*`), [16, 8, 8]],
    [
      ['vision_tower.layers.0.self_attn.q_proj', 'visual.blocks.3.mlp.down_proj'],
      [8, 8, 8],
    ],
    [
      ['model.layers.3.mlp.shared_expert_gate', 'model.layers.3.mlp.gate'],
      [8, 8, 8],
    ],
    [['re:.*shared_experts.*'], [8, 16, 8]],
    [['re:.*mlp.experts.*'], [8, 8, 16]],
  ])('with the exceptions %j has %j bits in attention, feed-forward and experts', (exceptions, bits) => {
    const found = precision({ quant_method: 'fp8', modules_to_not_convert: exceptions });
    expect(found).toMatchObject({ attention: bits[0], linear: bits[1], experts: bits[2] });
  });

  it.each([
    ['float32', 'fp32'],
    ['float16', 'fp16'],
    ['bfloat16', 'bf16'],
  ])('absent leaves the dtype %s', (dtype, name) => {
    expect(precision(undefined, { torch_dtype: dtype })).toMatchObject({ name });
  });
});

describe('layers', () => {
  function windows(config: object): readonly (number | null | undefined)[] {
    const read = readModelConfig({ ...llama, num_hidden_layers: 6, ...config }, 'config.json');
    if (!read.ok) throw new Error(JSON.stringify(read.failure));
    return read.value.architecture.blocks.map(({ kv }) => (kv === null ? undefined : kv.window));
  }

  it.each([
    [{}, [null, null, null, null, null, null]],
    [{ model_type: 'gemma2', sliding_window: 4096 }, [4096, null, 4096, null, 4096, null]],
    [{ model_type: 'gemma3_text', sliding_window: 512 }, [512, 512, 512, 512, 512, null]],
    [{ model_type: 'mistral', sliding_window: 4096 }, [4096, 4096, 4096, 4096, 4096, 4096]],
    [
      { model_type: 'qwen2', sliding_window: 4096, use_sliding_window: false },
      [null, null, null, null, null, null],
    ],
    [
      { model_type: 'qwen2', sliding_window: 4096, use_sliding_window: true, max_window_layers: 4 },
      [null, null, null, null, 4096, 4096],
    ],
    [{ model_type: 'llama4_text', attention_chunk_size: 8192 }, [8192, 8192, 8192, null, 8192, 8192]],
    [
      {
        model_type: 'qwen3_next',
        ...{ linear_num_key_heads: 16, linear_num_value_heads: 32 },
        ...{ linear_key_head_dim: 128, linear_value_head_dim: 128 },
      },
      [undefined, undefined, undefined, null, undefined, undefined],
    ],
    [
      {
        sliding_window: 128,
        layer_types: [
          ...['sliding_attention', 'full_attention', 'sliding_attention'],
          ...['full_attention', 'sliding_attention', 'full_attention'],
        ],
      },
      [128, null, 128, null, 128, null],
    ],
  ])('of %j reach back %j', (config, expected) => {
    expect(windows(config)).toEqual(expected);
  });
});
