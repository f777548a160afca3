import { most } from './attention.ts';
import type { Fields } from './fields.ts';
import { precisionOf, type Precision, type QuantisedParts, type WeightPrecision } from './precision.ts';

/** Modules beside the layers of the language model, and small ones that never are quantised. */
const beside = /vis(?:ion|ual)|audio|multi_modal|projector|mtp|lm_head|embed|router|norm/;
const partPatterns: Readonly<Record<keyof QuantisedParts, RegExp>> = {
  attention: /attn|attention|q_proj|qkv/,
  linear: /shared_experts?(?!_gate)|gate_up|(?:up|down|gate)_proj/,
  experts: /experts/,
};

/**
 * Which parts a list of exceptions leaves in 16 bits. Entries are module names, globs or regular expressions; those that name a
 * layer count where they name half of all layers.
 */
function partsWithout(exceptions: readonly string[], layers: number): QuantisedParts {
  const entries = exceptions.filter((entry) => !beside.test(entry));
  const exempt = (part: keyof QuantisedParts): boolean => {
    const named = entries.filter(
      (entry) => partPatterns[part].test(entry) && !(part === 'experts' && entry.includes('shared_expert')),
    );
    const numbers = named.map((entry) => /layers\.(\d+)\./.exec(entry)?.[1]);
    return numbers.includes(undefined) || new Set(numbers).size * 2 >= layers;
  };
  return { attention: !exempt('attention'), linear: !exempt('linear'), experts: !exempt('experts') };
}

function unquantised(text: Fields, outer: Fields): Precision {
  const stated = text.text(
    'dtype',
    text.text('torch_dtype', outer.text('dtype', outer.text('torch_dtype', ''))),
  );
  return precisionOf(stated === 'float32' ? 'fp32' : stated === 'float16' ? 'fp16' : 'bf16');
}

/** `compressed-tensors` describes groups of layers; the first group's weights decide. */
function compressed(quantisation: Fields, parts: QuantisedParts): Precision | undefined {
  const weights = quantisation.inner('config_groups')?.inner('group_0')?.inner('weights');
  if (weights === undefined) return undefined;
  const bits = weights.number('num_bits', 32, 8);
  const group = weights.has('group_size') ? weights.count('group_size', 2 ** 16) : null;
  if (weights.text('type', 'int') === 'float') {
    if (bits === 4) return precisionOf('nvfp4', parts, group ?? 16);
    const block = weights.text('strategy', '') === 'block';
    return precisionOf(block ? 'fp8-block' : 'fp8', parts);
  }
  return bits === 8 ? precisionOf('int8', parts) : precisionOf('int4', parts, group ?? 128);
}

function named(quantisation: Fields, method: string, parts: QuantisedParts): Precision | undefined {
  const group = quantisation.has('group_size') ? quantisation.count('group_size', 2 ** 16) : undefined;
  const as = (name: WeightPrecision): Precision => precisionOf(name, parts, group);
  if (method === 'fp8') {
    return precisionOf(quantisation.numbers('weight_block_size') === undefined ? 'fp8' : 'fp8-block', parts);
  }
  if (method === 'mxfp4') return precisionOf('mxfp4');
  if (method === 'awq' || method === 'gptq') {
    return quantisation.number('bits', 32, 4) === 8 ? precisionOf('int8', parts) : as(method);
  }
  if (method === 'fbgemm_fp8') return precisionOf('fp8', parts);
  if (method !== 'modelopt') return undefined;
  const algorithm = quantisation.text('quant_algo', 'FP8');
  return /fp4/i.test(algorithm) ? precisionOf('nvfp4', parts, group) : precisionOf('fp8', parts);
}

/** The precision of a checkpoint, from `quantization_config` or, without one, from `dtype`. */
export function readPrecision(text: Fields, outer: Fields): Precision {
  const quantisation = outer.inner('quantization_config') ?? text.inner('quantization_config');
  if (quantisation === undefined) return unquantised(text, outer);
  const names = ['ignore', 'modules_to_not_convert', 'ignored_layers', 'exclude_modules'];
  const exceptions = names.flatMap((name) => quantisation.words(name) ?? []);
  const parts = partsWithout(exceptions, text.count('num_hidden_layers', most.layers, 1));
  const method = quantisation.text('quant_method', quantisation.has('quant_algo') ? 'modelopt' : '');
  const precision =
    method === 'compressed-tensors' ? compressed(quantisation, parts) : named(quantisation, method, parts);
  if (precision !== undefined) return precision;
  quantisation.note(
    'quant_method',
    `${JSON.stringify(method.slice(0, 40))} is not a format that is known here`,
  );
  return unquantised(text, outer);
}
