/** Values that one layer keeps per token of a sequence. */
export interface KvCache {
  /** Heads that keep keys and values; 1 for a latent, which every tensor rank keeps whole. */
  readonly heads: number;
  /** Values per head and token: key and value together, or the latent. */
  readonly values: number;
  readonly latent: boolean;
  /** Tokens that the layer looks back at; null where it looks at all. */
  readonly window: number | null;
  /** A chunk restarts at its borders (Llama 4); a window slides. */
  readonly chunked: boolean;
}

/** Parameters of one layer by how an engine divides and stores them, and what the layer keeps per sequence. */
export interface Block {
  /** Projections of attention, or of what stands in its place, that tensor ranks divide. */
  readonly attention: number;
  /** Dense feed-forward and shared experts. */
  readonly feedForward: number;
  /** Key and value projections: divided, but never below one head on a rank. */
  readonly keyValue: number;
  /** Projections that every tensor rank holds whole: the down-projections of latent attention. */
  readonly whole: number;
  /** Routed experts, all of them. */
  readonly experts: number;
  /** Of `attention`, the up-projection of a latent: engines keep a second, 16-bit copy of it to absorb it into other products. */
  readonly absorbed: number;
  /** Norms, biases, router: on every rank, and never quantised. */
  readonly plain: number;
  readonly kv: KvCache | null;
  /** Values of recurrent state per sequence (linear attention, Mamba); 0 for attention. */
  readonly state: number;
}

/** Routed experts of a mixture-of-experts model. */
export interface MixtureOfExperts {
  readonly experts: number;
  readonly expertsPerToken: number;
  readonly intermediateSize: number;
  /** Layers that have experts. */
  readonly layers: number;
}

/** What a `config.json` says about the shape of a model. */
export interface Architecture {
  /** `model_type` of the text part. */
  readonly family: string;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly vocabSize: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Multi-head latent attention: values per token and layer (latent + rotary part); null for the others. */
  readonly mlaRank: number | null;
  readonly tiedEmbeddings: boolean;
  /** Positions that the model was made for. */
  readonly contextLength: number;
  readonly moe: MixtureOfExperts | null;
  /** One per layer, in order. */
  readonly blocks: readonly Block[];
  /** Values of the cosine and sine tables that every rank keeps (not `max_model_len`: all positions). */
  readonly rotaryValues: number;
  /** Parameters outside the layers and the vocabulary: the last norm, learned positions. */
  readonly otherParameters: number;
  /** Vision or audio tower with its projector; stays 16-bit. */
  readonly towerParameters: number;
  /** Multi-token-prediction layers of the checkpoint; engines load them for speculative decoding alone. */
  readonly mtpParameters: number;
  /** What could not be read from the file and is assumed, for a plan's warnings. */
  readonly assumed: readonly string[];
}

/** Parameters of one layer. */
export function blockParameters(block: Block): number {
  return block.attention + block.feedForward + block.keyValue + block.whole + block.experts + block.plain;
}

/** Embedding and output head together; one table where they are tied. */
export function vocabularyParameters(model: Architecture): number {
  return model.vocabSize * model.hiddenSize * (model.tiedEmbeddings ? 1 : 2);
}

/** Parameters of the language model, without vision tower and multi-token-prediction layers. */
export function textParameters(model: Architecture): number {
  const layers = model.blocks.reduce((sum, block) => sum + blockParameters(block), 0);
  return layers + vocabularyParameters(model) + model.otherParameters;
}

/** Parameters that one token passes through, the chosen experts only. */
export function activeParameters(model: Architecture): number {
  const { moe } = model;
  if (moe === null) return textParameters(model);
  const experts = model.blocks.reduce((sum, block) => sum + block.experts, 0);
  return Math.round(textParameters(model) - experts * (1 - moe.expertsPerToken / moe.experts));
}
