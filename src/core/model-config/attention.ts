import type { Block, KvCache } from './architecture.ts';
import type { Fields } from './fields.ts';

/** Sizes that the parts of a layer share. */
export interface Sizes {
  readonly family: string;
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

/** What attention, or what stands in its place, adds to a layer. */
export type Mixer = Omit<Block, 'experts' | 'feedForward'>;

/** Bounds of what a published model has; a number beyond is a mistake, not a model. */
export const most = {
  layers: 2000,
  width: 2 ** 20,
  heads: 2 ** 14,
  vocabulary: 2 ** 24,
  positions: 2 ** 31,
  experts: 2 ** 16,
} as const;

/** What a layer without attention has. */
export const noMixer: Mixer = {
  attention: 0,
  keyValue: 0,
  whole: 0,
  absorbed: 0,
  plain: 0,
  kv: null,
  state: 0,
};

/** How far a layer looks back. */
export type Reach = Pick<KvCache, 'window' | 'chunked'>;

const outputBias = new Set(['llama', 'gpt_oss', 'opt', 'phi', 'qwen3', 'qwen3_moe', 'granite', 'mistral']);
const biasByDefault = new Set(['qwen2', 'qwen2_moe', 'opt', 'phi', 'gpt_oss']);
const headNorms = new Set([
  ...['qwen3', 'qwen3_moe', 'qwen3_next', 'qwen3_5', 'qwen3_5_text', 'qwen3_5_moe', 'qwen3_5_moe_text'],
  ...['gemma3', 'gemma3_text'],
]);

/** Whether each head's queries and keys have a norm of their own. */
function normalisesHeads(fields: Fields, family: string): boolean {
  return fields.flag(['use_qk_norm', 'qk_layernorm'], headNorms.has(family));
}

/** Grouped-query attention: query, key, value and output projections; multi-head and multi-query are its ends. */
export function groupedAttention(fields: Fields, sizes: Sizes, reach: Reach): Mixer {
  const { family, hidden, heads, kvHeads, headDim } = sizes;
  const bias = fields.flag(['attention_bias', 'qkv_bias', 'enable_bias'], biasByDefault.has(family));
  const gate = fields.flag('attn_output_gate', /^qwen3_(?:next|5)/.test(family)) ? 2 : 1;
  const biases = bias ? (heads + 2 * kvHeads) * headDim + (outputBias.has(family) ? hidden : 0) : 0;
  const norms = normalisesHeads(fields, family) ? 2 * headDim : 0;
  // gpt-oss learns one attention sink per head.
  const sinks = family === 'gpt_oss' ? heads : 0;
  return {
    attention: hidden * heads * headDim * (gate + 1),
    keyValue: 2 * hidden * kvHeads * headDim,
    whole: 0,
    absorbed: 0,
    plain: biases + norms + sinks,
    kv: { heads: kvHeads, values: 2 * headDim, latent: false, ...reach },
    state: 0,
  };
}

/** Whether the layers keep a latent in place of keys and values. */
export function isLatent(fields: Fields): boolean {
  return fields.has('kv_lora_rank') && fields.has('qk_rope_head_dim');
}

/** Multi-head latent attention (DeepSeek V2): low-rank down-projections on every rank, up-projections by head. */
export function latentAttention(fields: Fields, { hidden, heads }: Sizes): Mixer {
  const latent = fields.count('kv_lora_rank', most.width);
  const rope = fields.count('qk_rope_head_dim', most.width);
  const nope = fields.count('qk_nope_head_dim', most.width);
  const value = fields.count('v_head_dim', most.width);
  const queryLatent = fields.number('q_lora_rank', most.width, 0);
  const queries = heads * (nope + rope);
  const up = queryLatent === 0 ? hidden * queries : queryLatent * queries;
  return {
    attention: up + latent * heads * (nope + value) + heads * value * hidden,
    keyValue: 0,
    whole: hidden * (latent + rope) + hidden * queryLatent,
    absorbed: latent * heads * (nope + value),
    plain: latent + queryLatent,
    kv: { heads: 1, values: latent + rope, latent: true, window: null, chunked: false },
    state: 0,
  };
}

/** Gated delta rule (Qwen3-Next, Qwen3.5): a state of constant size in place of a cache. */
export function deltaAttention(fields: Fields, { hidden }: Sizes): Mixer {
  const keyHeads = fields.count('linear_num_key_heads', most.heads);
  const valueHeads = fields.count('linear_num_value_heads', most.heads);
  const keyDim = fields.count('linear_key_head_dim', most.width);
  const valueDim = fields.count('linear_value_head_dim', most.width);
  const kernel = fields.count('linear_conv_kernel_dim', 64, 4);
  const keys = keyHeads * keyDim;
  const values = valueHeads * valueDim;
  const convolved = 2 * keys + values;
  return {
    attention: hidden * (2 * keys + 2 * values + 2 * valueHeads) + values * hidden + convolved * kernel,
    keyValue: 0,
    whole: 0,
    absorbed: 0,
    plain: 2 * valueHeads + valueDim,
    kv: null,
    state: convolved * (kernel - 1) + valueHeads * keyDim * valueDim,
  };
}

/** Mamba 2 (Nemotron-H): state-space layer. */
export function mambaMixer(fields: Fields, { hidden }: Sizes): Mixer {
  const heads = fields.count('mamba_num_heads', most.heads);
  const inner = heads * fields.count('mamba_head_dim', most.width);
  const groups = fields.count('n_groups', most.heads);
  const state = fields.count('ssm_state_size', most.width);
  const kernel = fields.count('conv_kernel', 64, 4);
  const convolved = inner + 2 * groups * state;
  return {
    attention: hidden * (inner + convolved + heads) + inner * hidden + convolved * kernel,
    keyValue: 0,
    whole: 0,
    absorbed: 0,
    plain: convolved + 3 * heads + inner,
    kv: null,
    state: convolved * (kernel - 1) + inner * state,
  };
}
