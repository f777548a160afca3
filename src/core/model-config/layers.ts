import type { Block } from './architecture.ts';
import {
  deltaAttention,
  groupedAttention,
  isLatent,
  latentAttention,
  mambaMixer,
  most,
  noMixer,
  type Mixer,
  type Reach,
  type Sizes,
} from './attention.ts';
import { denseFeedForward, feedForwards, type FeedForward, type FeedForwards } from './feed-forward.ts';
import type { Fields } from './fields.ts';

/** What stands at the beginning of a layer. */
type Kind = 'full' | 'sliding' | 'chunked' | 'linear';

const kindOfWord: Readonly<Record<string, Kind>> = {
  full_attention: 'full',
  attention: 'full',
  sliding_attention: 'sliding',
  chunked_attention: 'chunked',
  linear_attention: 'linear',
};

/** Families of which every n-th layer attends to everything where the file does not say otherwise. */
const fullEvery: Readonly<Record<string, number>> = {
  ...{ gemma2: 2, gemma3: 6, gemma3_text: 6, gpt_oss: 2, cohere2: 4 },
  ...{ llama4: 4, llama4_text: 4, qwen3_next: 4 },
  ...{ qwen3_5: 4, qwen3_5_text: 4, qwen3_5_moe: 4, qwen3_5_moe_text: 4 },
};

/** The kind of the other layers of a family that alternates. */
function otherKind(family: string): Kind {
  if (family.startsWith('llama4')) return 'chunked';
  return /^qwen3_(?:next|5)/.test(family) ? 'linear' : 'sliding';
}

function kindsOf(fields: Fields, family: string, layers: number): readonly Kind[] {
  const words = fields.words('layer_types');
  if (words !== undefined) {
    const kinds = words.flatMap((word) =>
      Object.hasOwn(kindOfWord, word) ? [kindOfWord[word] ?? 'full'] : [],
    );
    if (kinds.length === layers) return kinds;
    fields.note('layer_types', `must name the kind of each of the ${layers} layers`);
  }
  const names = [
    'full_attention_interval',
    'sliding_window_pattern',
    '_sliding_window_pattern',
    'no_rope_layer_interval',
  ];
  const every = Object.hasOwn(fullEvery, family) ? fields.count(names, most.layers, fullEvery[family]) : 1;
  if (every > 1) {
    const other = otherKind(family);
    return Array.from({ length: layers }, (_, layer) => ((layer + 1) % every === 0 ? 'full' : other));
  }
  // One window for all layers (Mistral 7B v0.1, Phi-3), which Qwen2 turns off by a flag of its own.
  const windowed =
    fields.has('sliding_window') && fields.flag('use_sliding_window', !family.startsWith('qwen'));
  const from = family.startsWith('qwen') ? fields.number('max_window_layers', most.layers, 0) : 0;
  return Array.from({ length: layers }, (_, layer) => (windowed && layer >= from ? 'sliding' : 'full'));
}

function reachOf(fields: Fields, kind: Kind): Reach {
  if (kind === 'sliding') return { window: fields.count('sliding_window', most.positions), chunked: false };
  if (kind === 'chunked')
    return { window: fields.count('attention_chunk_size', most.positions, 8192), chunked: true };
  return { window: null, chunked: false };
}

/** Parameters of the norms of one layer. */
function normsOf(family: string, hidden: number): number {
  if (/^gemma[23]/.test(family)) return 4 * hidden;
  if (family === 'opt' || family === 'nemotron' || family === 'starcoder2') return 4 * hidden;
  if (family === 'phi' || family === 'falcon') return 2 * hidden;
  return family.startsWith('cohere') ? hidden : 2 * hidden;
}

function join(mixer: Mixer, feed: FeedForward, norms: number): Block {
  return {
    ...mixer,
    feedForward: feed.feedForward,
    experts: feed.experts,
    plain: mixer.plain + feed.plain + norms,
  };
}

/** Nemotron-H writes one letter a layer: Mamba, attention, feed-forward or experts, each alone with one norm. */
function lettered(fields: Fields, sizes: Sizes, feeds: FeedForwards): readonly Block[] {
  const nothing: FeedForward = { feedForward: 0, experts: 0, plain: 0 };
  const { hidden } = sizes;
  const blocks: Readonly<Record<string, () => Block>> = {
    M: () => join(mambaMixer(fields, sizes), nothing, hidden),
    '*': () => join(groupedAttention(fields, sizes, { window: null, chunked: false }), nothing, hidden),
    '-': () => join(noMixer, feeds.dense, hidden),
    E: () => join(noMixer, feeds.sparse, hidden),
  };
  const letters = Array.from(fields.text('hybrid_override_pattern', '').slice(0, most.layers + 1));
  const known = letters.flatMap((letter) => (Object.hasOwn(blocks, letter) ? [blocks[letter]?.()] : []));
  if (known.length !== letters.length || letters.length > most.layers) {
    fields.note('hybrid_override_pattern', 'must be made of M, *, - and E, one a layer');
  }
  return known.filter((block) => block !== undefined);
}

/** Nemotron-NAS gives each layer its own width and may drop its attention (`block_configs`). */
function searched(layers: readonly Fields[], sizes: Sizes): readonly Block[] {
  return layers.map((layer) => {
    const attention = layer.inner('attention');
    const feed = layer.inner('ffn');
    const group = attention?.count('n_heads_in_group', most.heads, 1) ?? 1;
    const own = { ...sizes, kvHeads: Math.max(1, Math.floor(sizes.heads / group)) };
    const dropped = attention?.flag('no_op', false) ?? true;
    const mixer = dropped ? noMixer : groupedAttention(layer, own, { window: null, chunked: false });
    const width =
      256 * Math.ceil(Math.floor((2 * (feed?.factor('ffn_mult', 1) ?? 0) * sizes.hidden) / 3) / 256);
    const empty = feed?.flag('no_op', false) ?? true;
    const dense = denseFeedForward(layer, sizes, empty ? 0 : width);
    return join(mixer, dense, (Number(!dropped) + Number(!empty)) * sizes.hidden);
  });
}

/** The layers in order. */
export function readBlocks(fields: Fields, sizes: Sizes, layers: number): readonly Block[] {
  const configured = fields.list('block_configs', most.layers);
  if (configured !== undefined) return searched(configured, sizes);
  const feeds = feedForwards(fields, sizes);
  if (fields.has('hybrid_override_pattern')) return lettered(fields, sizes, feeds);
  const latent = isLatent(fields);
  const norms = normsOf(sizes.family, sizes.hidden);
  const made = new Map<string, Block>();
  return kindsOf(fields, sizes.family, layers).map((kind, layer) => {
    const sparse = feeds.isSparse(layer);
    const key = `${kind} ${sparse}`;
    const known = made.get(key);
    if (known !== undefined) return known;
    const mixer = latent
      ? latentAttention(fields, sizes)
      : kind === 'linear'
        ? deltaAttention(fields, sizes)
        : groupedAttention(fields, sizes, reachOf(fields, kind));
    const block = join(mixer, sparse ? feeds.sparse : feeds.dense, norms);
    made.set(key, block);
    return block;
  });
}
