import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findModel } from '../../../src/core/catalog/model.ts';
import { withCheckpointBytes } from '../../../src/core/catalog/make-model.ts';
import { readSafetensorsHeader, readSafetensorsIndex } from '../../../src/core/model-config/safetensors.ts';

function file(header: unknown): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const tensor = (shape: readonly number[], from: number, to: number) => ({
  dtype: 'BF16',
  shape,
  data_offsets: [from, to],
});

describe('the header of a safetensors file', () => {
  it('adds up what an engine loads', () => {
    const bytes = file({
      __metadata__: { format: 'pt' },
      'model.embed_tokens.weight': tensor([10, 4], 0, 80),
      'model.layers.0.self_attn.q_proj.weight': tensor([4, 4], 80, 112),
      'model.layers.1.mlp.up_proj.weight': tensor([8, 4], 112, 176),
      'model.layers.2.eh_proj.weight': tensor([4, 8], 176, 240),
      'mtp.fc.weight': tensor([4, 8], 240, 304),
      scalar: tensor([], 304, 308),
    });
    expect(readSafetensorsHeader(bytes, 2, 'x')).toEqual({ ok: true, value: { parameters: 89, bytes: 180 } });
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['a cut header', file({ a: tensor([1], 0, 2) }).subarray(0, 20)],
    ['an impossible length', new Uint8Array(16).fill(255)],
    ['no JSON', file('{')],
    ['no object', file('[]')],
    ['offsets that go back', file({ a: tensor([1], 4, 2) })],
    ['a size that is none', file({ a: { shape: ['x'], data_offsets: [0, 1] } })],
    ['a tensor that is none', file({ a: 3 })],
  ])('with %s is refused', (_, bytes) => {
    expect(readSafetensorsHeader(bytes, 2, 'x')).toMatchObject({
      ok: false,
      failure: { kind: 'model-config', source: 'x' },
    });
  });

  it('of any bytes gives a result', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        (bytes) => typeof readSafetensorsHeader(bytes, 1, 'x').ok === 'boolean',
      ),
    );
    fc.assert(
      fc.property(
        fc.jsonValue(),
        (json) => typeof readSafetensorsHeader(file(json), 1, 'x').ok === 'boolean',
      ),
    );
  });
});

describe('the index of a checkpoint', () => {
  it('has its bytes', () => {
    expect(readSafetensorsIndex('{"metadata":{"total_size":16060522496},"weight_map":{}}', 'x')).toEqual({
      ok: true,
      value: { bytes: 16_060_522_496 },
    });
  });

  it.each(['', '{}', '{"metadata":{"total_size":-1}}', '{"metadata":{"total_size":"9"}}', '[]'])(
    '%j is refused',
    (text) => {
      expect(readSafetensorsIndex(text, 'x').ok).toBe(false);
    },
  );
});

describe('the bytes of a checkpoint', () => {
  const llama = findModel('llama3.1-8b');
  if (!llama.ok) throw new Error('llama3.1-8b');
  const model = llama.value;

  it('win over what the config says', () => {
    const real = withCheckpointBytes(model, 9_084_000_000);
    expect((real.weightBits * real.parameters) / 8).toBeCloseTo(9_084_000_000, 0);
    expect(real.bits.base).toBe(16);
  });

  it.each([0, -5, Number.NaN, 1000])('of %f, less than the 16-bit parts alone, are not believed', (bytes) => {
    expect(withCheckpointBytes(model, bytes)).toBe(model);
  });
});
