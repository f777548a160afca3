import type { Block, MixtureOfExperts } from './architecture.ts';
import { most, type Sizes } from './attention.ts';
import type { Fields } from './fields.ts';

/** What the feed-forward part adds to a layer. */
export type FeedForward = Pick<Block, 'feedForward' | 'experts' | 'plain'>;

/** The feed-forward parts of a model: of its dense layers, of those with experts, and which are which. */
export interface FeedForwards {
  readonly intermediateSize: number;
  readonly moe: Omit<MixtureOfExperts, 'layers'> | null;
  readonly dense: FeedForward;
  readonly sparse: FeedForward;
  isSparse(layer: number): boolean;
}

/** Families whose feed-forward has two matrices and no gate. */
const ungated = new Set(['opt', 'phi', 'falcon', 'nemotron', 'nemotron_h', 'gpt_neox', 'starcoder2']);
const biased = new Set(['opt', 'phi', 'starcoder2', 'gpt_neox']);

/** Matrices and biases of one feed-forward of that width. */
export function denseFeedForward(fields: Fields, sizes: Sizes, width: number): FeedForward {
  const matrices = ungated.has(sizes.family) ? 2 : 3;
  const bias = fields.flag('mlp_bias', biased.has(sizes.family));
  return {
    feedForward: matrices * sizes.hidden * width,
    experts: 0,
    plain: bias ? (matrices - 1) * width + sizes.hidden : 0,
  };
}

/** Families whose router has a bias per expert that balances the load (`e_score_correction_bias`). */
const correctsRouting = /^(?:deepseek_v3|deepseek_v32|kimi_k2|glm4_moe|glm_moe_dsa)$/;

/** Names of the number of routed experts. */
export const expertNames = ['n_routed_experts', 'num_local_experts', 'num_experts', 'moe_num_experts'];

/** Names of how many of them a token passes through. */
export const chosenNames = ['num_experts_per_tok', 'experts_per_token', 'moe_top_k'];

/** Widths of the shared experts, all together; 0 without. */
function sharedWidth(fields: Fields, family: string, expert: number): number {
  if (family.startsWith('llama4')) return expert;
  const stated = fields.number('moe_shared_expert_intermediate_size', most.width, 0);
  if (stated > 0) return stated * fields.number('n_shared_experts', most.experts, 1);
  const whole = fields.number('shared_expert_intermediate_size', most.width, 0);
  return whole > 0 ? whole : expert * fields.number('n_shared_experts', most.experts, 0);
}

function sparseFeedForward(fields: Fields, sizes: Sizes, moe: Omit<MixtureOfExperts, 'layers'>): FeedForward {
  const { family, hidden } = sizes;
  const { experts, intermediateSize } = moe;
  const matrices = ungated.has(family) ? 2 : 3;
  const shared = sharedWidth(fields, family, intermediateSize);
  // Qwen's shared expert has a gate of its own; gpt-oss has a bias in router and experts.
  const gate = shared > 0 && family.startsWith('qwen') ? hidden : 0;
  const biases = family === 'gpt_oss' ? experts * (2 * intermediateSize + hidden) + experts : 0;
  const correction = correctsRouting.test(family) ? experts : 0;
  // Nemotron 3 Super's experts work on a projection of the hidden state.
  const latent = fields.number('moe_latent_size', most.width, 0);
  const width = latent === 0 ? hidden : latent;
  return {
    feedForward: matrices * hidden * shared + 2 * hidden * latent,
    experts: experts * matrices * width * intermediateSize,
    plain: hidden * experts + correction + gate + biases,
  };
}

/** Which layers have experts: the ways in which the families say so. */
function sparseLayers(fields: Fields, family: string): (layer: number) => boolean {
  const listed = fields.numbers('moe_layers');
  if (listed !== undefined) {
    const layers = new Set(listed);
    return (layer) => layers.has(layer);
  }
  const dense = new Set(fields.numbers('mlp_only_layers'));
  const first = fields.number('first_k_dense_replace', most.layers, 0);
  const step = fields.count(
    ['interleave_moe_layer_step', 'decoder_sparse_step', 'moe_layer_freq'],
    most.layers,
    1,
  );
  // DeepSeek counts layers from 0, Qwen and Llama 4 from 1.
  const offset = family.startsWith('qwen') || family.startsWith('llama4') ? 1 : 0;
  return (layer) => layer >= first && (layer + offset) % step === 0 && !dense.has(layer);
}

/** Reads the feed-forward parts. */
export function feedForwards(fields: Fields, sizes: Sizes): FeedForwards {
  const { family } = sizes;
  const isMixture = fields.has(expertNames) && fields.count(expertNames, most.experts) > 1;
  const names = ['intermediate_size', 'ffn_dim', 'ffn_hidden_size', 'n_inner'];
  const stated = fields.count(
    isMixture ? [...names, 'moe_intermediate_size'] : names,
    most.width,
    family === 'falcon' ? 4 * sizes.hidden : undefined,
  );
  const llama4 = family.startsWith('llama4');
  const width = llama4 ? fields.count('intermediate_size_mlp', most.width, stated) : stated;
  const dense = denseFeedForward(fields, sizes, width);
  if (!isMixture) {
    return { intermediateSize: width, moe: null, dense, sparse: dense, isSparse: () => false };
  }
  const experts = fields.count(expertNames, most.experts);
  const moe = {
    experts,
    expertsPerToken: fields.count(chosenNames, experts),
    intermediateSize: fields.count('moe_intermediate_size', most.width, stated),
  };
  const sparse = sparseFeedForward(fields, sizes, moe);
  return { intermediateSize: width, moe, dense, sparse, isSparse: sparseLayers(fields, family) };
}
