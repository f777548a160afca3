import { most } from './attention.ts';
import type { Fields } from './fields.ts';

/** Positions of a rotary table: some ways of scaling lengthen it. */
function tablePositions(scaling: Fields | undefined, positions: number): number {
  if (scaling === undefined) return positions;
  const type = scaling.text('rope_type', scaling.text('type', 'default'));
  const factor = scaling.factor('factor', 1);
  // vLLM, `rotary_embedding/`: linear and dynamic scaling cache `max_position × factor`, YaRN `original × factor`.
  if (type === 'linear' || type === 'dynamic') return positions * factor;
  if (type !== 'yarn' && type !== 'deepseek_yarn') return positions;
  const original = scaling.number('original_max_position_embeddings', most.positions, 0);
  return original === 0 ? positions : original * factor;
}

/**
 * Values of the cosine and sine tables of one rank: one table for each kind of layer, over all positions of the model
 * and not `--max-model-len` (vLLM, `RotaryEmbedding.cos_sin_cache`). Llama 4 Scout's takes 2.5 GiB.
 */
export function rotaryValues(fields: Fields, family: string, positions: number, headDim: number): number {
  if (family === 'opt' || family === 'nemotron_h') return 0;
  const part = fields.factor('partial_rotary_factor', family.startsWith('nemotron') ? 0.5 : 1);
  const width = fields.number('qk_rope_head_dim', most.width, Math.floor(headDim * part));
  const whole = tablePositions(fields.inner('rope_scaling'), positions) * width;
  // Gemma 3 turns positions of windowed layers by another base, without scaling.
  return fields.has('rope_local_base_freq') || family.startsWith('gemma3')
    ? whole + positions * width
    : whole;
}
