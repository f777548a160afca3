import type { Block, KvCache } from '../../model-config/architecture.ts';
import { GiB } from '../../units.ts';
import type { Rank, ResolvedLoad } from './engine-memory.ts';

/** What a rank's KV cache is made of depends on no other setting. */
interface WithKvCache {
  readonly load: Pick<ResolvedLoad, 'kvCache'>;
}

/** Bytes per value of a KV cache. */
function kvValueBytes({ model, load }: Pick<Rank, 'model'> & WithKvCache): number {
  return load.kvCache === 'fp8' ? 1 : model.bits.base / 8;
}

/** Bytes of recurrent state are 32-bit (Qwen3-Next, Nemotron-H: `mamba_ssm_dtype` float32). */
const stateValueBytes = 4;

/** Bytes that a layer keeps per token on one tensor rank: heads are divided, but a rank keeps one at least. */
function tokenBytes(kv: KvCache, tensor: number, valueBytes: number): number {
  const heads = kv.latent ? 1 : Math.max(1, kv.heads / tensor);
  return heads * kv.values * valueBytes;
}

/** Bytes per token over the layers of a rank, as if all of them attended to everything. */
export function tokenBytesOf(rank: Pick<Rank, 'model' | 'sharding' | 'layers'> & WithKvCache): number {
  const { model, sharding, layers } = rank;
  const valueBytes = kvValueBytes(rank);
  let sum = 0;
  for (let layer = layers[0]; layer < layers[1]; layer++) {
    const kv = model.blocks[layer]?.kv ?? null;
    if (kv !== null) sum += tokenBytes(kv, sharding.tensor, valueBytes);
  }
  return sum;
}

/** Layers that need the same blocks: as many of them share a table as the smallest kind has. */
interface LayerKind {
  readonly layers: number;
  /** Blocks that one sequence of full length takes in each layer. */
  readonly blocks: number;
}

/** Blocks per layer and sequence: what a window lets go is used again, but a prompt's chunk must fit beside it. */
function blocksOf(kv: KvCache | null, rank: Rank, block: number, length: number): number {
  // Recurrent state takes one page, whatever the length.
  if (kv === null) return 1;
  const { window, chunked } = kv;
  if (window === null) return Math.ceil(length / block);
  const batched = rank.load.maxNumBatchedTokens;
  if (chunked) return Math.ceil(Math.min(window + batched, length) / block);
  // A window rarely begins where a block does.
  return Math.ceil(Math.min(window - 1 + batched, length) / block) + 1;
}

function kindsOf(rank: Rank, block: number, length: number): readonly LayerKind[] {
  const counts = new Map<string, { layers: number; kv: KvCache | null }>();
  for (const { kv, state } of blocksIn(rank)) {
    if (kv === null && state === 0) continue;
    const key = kv === null ? 'state' : `${kv.window} ${kv.chunked}`;
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { layers: 1, kv });
    else known.layers += 1;
  }
  return [...counts.values()].map(({ layers, kv }) => ({
    layers,
    blocks: blocksOf(kv, rank, block, length),
  }));
}

function blocksIn({ model, layers }: Rank): readonly Block[] {
  return model.blocks.slice(layers[0], layers[1]);
}

/** Layers that share a table of blocks (vLLM `_get_kv_cache_groups_uniform_page_size`). */
function groupSize(kinds: readonly LayerKind[]): number {
  const counts = kinds.map(({ layers }) => layers);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return most < least * 1.25 ? most : least;
}

/** Tokens of a block: enlarged where a page must hold a layer's recurrent state. */
function blockTokensOf(rank: Rank, block: number, pageBytesPerToken: number): number {
  const state = Math.max(0, ...blocksIn(rank).map((layer) => layer.state));
  const bytes = (state * stateValueBytes) / rank.sharding.tensor;
  return Math.max(1, Math.ceil(bytes / pageBytesPerToken / block)) * block;
}

/**
 * Tokens that a pool of `poolGiB` holds, as the engine's log counts them: for a model whose layers are alike, blocks times
 * their size; for one that mixes windows, recurrence and full attention, concurrent sequences of full length times that
 * length (vLLM `get_max_concurrency_for_kv_cache_config`, and vllm#51041 on the log line).
 */
export function tokensIn(rank: Rank, poolGiB: number, blockTokens: number): number {
  const pool = poolGiB * GiB;
  const perToken = tokenBytesOf(rank);
  if (!(pool > 0)) return 0;
  // A stage without attention limits nothing.
  if (perToken === 0) return Number.MAX_SAFE_INTEGER;
  const attending = blocksIn(rank).filter(({ kv }) => kv !== null).length;
  const block = blockTokensOf(rank, blockTokens, perToken / attending);
  const length = Math.min(rank.load.maxModelLen ?? rank.model.contextLength, 2 ** 31);
  const kinds = kindsOf(rank, block, length);
  const [only] = kinds;
  if (kinds.length === 1 && only?.blocks === Math.ceil(length / block)) {
    return Math.floor(pool / (perToken * block)) * block;
  }
  const size = groupSize(kinds);
  const blocks = Math.floor(pool / ((perToken / attending) * block * size));
  const perSequence = kinds.reduce((sum, kind) => sum + Math.ceil(kind.layers / size) * kind.blocks, 0);
  return Math.floor((blocks / perSequence) * length);
}
