import type { KernelLayout, Rank } from './engine-memory.ts';

/** Vocabularies are padded to a multiple of this (vLLM `DEFAULT_VOCAB_PADDING_SIZE`; TensorRT-LLM does the same). */
const vocabularyBlock = 64;

/** Layers of each stage: equal parts, the rest one each from the last stage but one backwards (vLLM `get_pp_indices`). */
export function stageLayers(layers: number, stages: number): readonly (readonly [number, number])[] {
  const base = Math.floor(layers / stages);
  const rest = layers % stages;
  let from = 0;
  return Array.from({ length: stages }, (_, stage) => {
    const more = stage < stages - 1 && stage >= stages - 1 - rest ? 1 : 0;
    const start = from;
    from += base + more;
    return [start, from] as const;
  });
}

/** Part of the key and value projections on one rank: a rank has at least one head, so some are copied. */
function headShare(kvHeads: number, tensor: number): number {
  return Math.max(1, kvHeads / tensor) / kvHeads;
}

/** Bits of all parameters of the rank's layers. `plain` ones are on every rank. */
function layerBits({ model, sharding, layers }: Rank, { padding, absorbs }: KernelLayout): number {
  const { bits, blocks } = model;
  const { tensor } = sharding;
  const owners = Math.max(tensor, sharding.expert ?? 1);
  let sum = 0;
  for (let layer = layers[0]; layer < layers[1]; layer++) {
    const block = blocks[layer];
    if (block === undefined) continue;
    const copies = absorbs ? (block.absorbed / tensor) * 16 : 0;
    const share = headShare(block.kv?.heads ?? 1, tensor);
    sum += (block.attention / tensor + block.keyValue * share + block.whole) * bits.attention;
    sum += (block.feedForward / tensor) * bits.linear;
    sum += (block.experts / owners) * bits.experts * padding + block.plain * bits.base + copies;
  }
  return sum;
}

/**
 * Bytes of weights on a rank. Embedding and head stay 16-bit and stand on the first and the last stage; with tied
 * embeddings both stages have a copy. Each rank holds the whole rotary tables.
 * Source: vLLM `vocab_parallel_embedding.py`, `linear.py`, `rotary_embedding/`; checked in docs/planner.md.
 */
export function weightBytes(rank: Rank, kernels: KernelLayout): number {
  const { model, sharding, stage } = rank;
  const { base } = model.bits;
  const first = stage === 0;
  const last = stage === sharding.pipeline - 1;
  const vocabulary = Math.ceil(model.vocabSize / vocabularyBlock) * vocabularyBlock * model.hiddenSize;
  const tables = Number(first) + Number(last && !(first && model.tiedEmbeddings));
  const tower = first ? model.towerParameters : 0;
  const divided = (vocabulary * tables * base + tower * 16) / sharding.tensor;
  const whole = (model.rotaryValues + (last ? model.otherParameters : 0)) * base;
  return (layerBits(rank, kernels) + divided + whole) / 8;
}
