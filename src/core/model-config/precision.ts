/** How the layers of a checkpoint are stored. Embedding and output head stay 16-bit in all but `fp32`. */
export type WeightPrecision =
  'fp32' | 'bf16' | 'fp16' | 'fp8' | 'fp8-block' | 'int8' | 'awq' | 'gptq' | 'int4' | 'mxfp4' | 'nvfp4';

/** Bits per parameter by part, scales and zero points included. */
export interface Precision {
  readonly name: WeightPrecision;
  /** Projections of attention. */
  readonly attention: number;
  /** Dense feed-forward and shared experts. */
  readonly linear: number;
  readonly experts: number;
  /** Embedding, head, norms, biases, towers; also the width of activations and of the KV cache. */
  readonly base: 16 | 32;
  /** Neighbouring values that share a scale, along the input; null where a whole channel does. */
  readonly group: number | null;
}

/** Bits of a group-wise format: value, its part of a 16-bit scale, and of a zero point of the value's width. */
function grouped(bits: number, group: number, scaleBits: number, zero: boolean): number {
  return bits + scaleBits / group + (zero ? bits / group : 0);
}

/** Bits per value, with the group that is usual where the checkpoint does not say. */
function bitsOf(name: WeightPrecision, group: number): number {
  switch (name) {
    case 'fp32':
      return 32;
    case 'bf16':
    case 'fp16':
      return 16;
    case 'fp8':
    case 'int8':
      return 8;
    case 'fp8-block':
      // One 32-bit scale for each block of 128 × 128.
      return 8 + 32 / 128 ** 2;
    case 'awq':
    case 'gptq':
      // Both store zero points, used or not.
      return grouped(4, group, 16, true);
    case 'int4':
      return grouped(4, group, 16, false);
    case 'mxfp4':
      return grouped(4, group, 8, false);
    case 'nvfp4':
      return grouped(4, group, 8, false);
  }
}

const groups: Readonly<Record<WeightPrecision, number | null>> = {
  ...{ fp32: null, bf16: null, fp16: null, fp8: null, int8: null },
  ...{ 'fp8-block': 128, awq: 128, gptq: 128, int4: 128, mxfp4: 32, nvfp4: 16 },
};

/** Parts that a precision applies to; the rest stays 16-bit. */
export interface QuantisedParts {
  readonly attention: boolean;
  readonly linear: boolean;
  readonly experts: boolean;
}

const everything: QuantisedParts = { attention: true, linear: true, experts: true };
const expertsOnly: QuantisedParts = { attention: false, linear: false, experts: true };

/** The precision of that name, with its usual group unless one is given. */
export function precisionOf(
  name: WeightPrecision,
  parts: QuantisedParts = name === 'mxfp4' ? expertsOnly : everything,
  group: number | null = groups[name],
): Precision {
  const bits = bitsOf(name, group ?? 1);
  const base = name === 'fp32' ? 32 : 16;
  const of = (quantised: boolean): number => (quantised ? bits : base);
  return {
    ...{ name, base, group },
    attention: of(parts.attention),
    linear: of(parts.linear),
    experts: of(parts.experts),
  };
}

/** All precisions by name. */
export const weightPrecisions = Object.keys(groups).filter((name): name is WeightPrecision => name in groups);
