import { most } from './attention.ts';
import type { Fields } from './fields.ts';

const tokenised = 2 ** 16;

/**
 * Parameters of a vision transformer with its projector: four square projections and two feed-forward matrices a layer,
 * with biases and norms (SigLIP: exact for Gemma 3), patch and position tables, and a map to the text's width.
 */
export function towerParameters(vision: Fields, textWidth: number, family: string): number {
  const width = vision.count(['hidden_size', 'vt_hidden_size', 'embed_dim'], most.width, 1152);
  const wide = vision.count(['intermediate_size', 'vt_intermediate_size'], most.width, 4 * width);
  const layers = vision.count(['num_hidden_layers', 'vt_num_hidden_layers', 'depth'], most.layers, 27);
  const patch = vision.count('patch_size', tokenised, 14);
  const image = vision.count('image_size', tokenised, 448);
  const layer = 4 * width ** 2 + 4 * width + 2 * width * wide + wide + width + 4 * width;
  const tables = 3 * patch ** 2 * width + width + Math.floor(image / patch) ** 2 * width;
  const features = vision.count('feature_layers', most.layers, 1);
  // Gemma 3 projects with one bare matrix and a norm; the others with two layers.
  const projector = family.startsWith('gemma3')
    ? width * textWidth + width
    : features * width * textWidth + textWidth ** 2 + 2 * textWidth;
  return layers * layer + tables + 2 * width + projector;
}
