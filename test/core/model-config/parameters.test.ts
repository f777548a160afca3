import { describe, expect, it } from 'vitest';
import { findModel, type Model } from '../../../src/core/catalog/model.ts';
import { vocabularyParameters } from '../../../src/core/model-config/architecture.ts';

function model(name: string): Model {
  const found = findModel(name);
  if (!found.ok) throw new Error(name);
  return found.value;
}

/** Totals of the published safetensors headers (Hugging Face `safetensors.total`, by way of public planners' tables). */
const published: readonly (readonly [string, number])[] = [
  ['deepseek-v2', 235_741_434_880],
  ['gemma2-27b', 27_227_128_320],
  ['gemma2-2b', 2_614_341_888],
  ['gemma3-27b', 27_432_406_640],
  ['gemma3-4b', 4_300_079_472],
  ['gpt-oss-120b', 116_829_156_672],
  ['gpt-oss-20b', 20_914_757_184],
  ['llama3-8b', 8_030_261_248],
  ['llama3.1-405b', 405_853_388_800],
  ['llama3.1-70b', 70_553_706_496],
  ['llama3.1-8b', 8_030_261_248],
  ['llama3.2-3b', 3_212_749_824],
  ['llama3.3-70b', 70_553_706_496],
  ['mistral-7b', 7_248_023_552],
  ['mistral-7b-v0.2', 7_241_732_096],
  ['mistral-nemo-12b', 12_247_782_400],
  ['mixtral-8x22b', 140_620_634_112],
  ['mixtral-8x7b', 46_702_792_704],
  ['nemotron3-nano-30b', 31_577_937_344],
  ['phi3-mini', 3_821_079_552],
  ['phi4-mini', 3_836_021_760],
  ['qwen1.5-moe-a2.7b', 14_315_784_192],
  ['qwen2.5-0.5b', 494_032_768],
  ['qwen2.5-1.5b', 1_543_714_304],
  ['qwen2.5-32b', 32_763_876_352],
  ['qwen2.5-3b', 3_085_938_688],
  ['qwen2.5-72b', 72_706_203_648],
  ['qwen2.5-7b', 7_615_616_512],
  ['qwen3-235b', 235_093_634_560],
  ['qwen3-30b-a3b', 30_532_122_624],
  ['qwen3-32b', 32_762_123_264],
  ['qwen3-8b', 8_190_735_360],
  ['qwen3-coder-480b', 480_154_875_392],
];

describe('parameters counted from config.json', () => {
  it.each(published)('of %s are the published %i', (name, total) => {
    expect(model(name).parameters).toBe(total);
  });

  // Their totals have more than the model; each surplus is accounted for.
  it('of Llama 2 lack only its stored rotary frequencies', () => {
    expect(6_738_417_664 - model('llama2-7b').parameters).toBe(32 * 64);
    expect(13_015_866_880 - model('llama2-13b').parameters).toBe(40 * 64);
    expect(68_976_653_312 - model('llama2-70b').parameters).toBe(80 * 64);
  });

  it('of multi-token-prediction models lack only those layers', () => {
    const [glm46, next, glm45] = [model('glm-4.6'), model('qwen3-next-80b'), model('glm-4.5')];
    expect(glm46.parameters + glm46.mtpParameters).toBe(356_785_898_816);
    expect(next.parameters + next.mtpParameters).toBe(81_324_862_720);
    // Its extra layer has embedding and head of its own.
    expect(glm45.parameters + glm45.mtpParameters + vocabularyParameters(glm45)).toBe(358_337_791_296);
    expect(model('deepseek-v3').parameters).toBe(671_026_419_200);
  });

  it('of Nemotron 3 Super with latent experts, without its extra layer, are those of its headers', () => {
    expect(model('nemotron3-super-120b').parameters).toBe(123_611_012_096 - 2_942_324_736);
  });

  it.each([
    ['mixtral-8x7b', 12_879_925_248],
    ['qwen3-235b', 22_190_763_520],
    ['llama3.1-8b', 8_030_261_248],
    ['deepseek-v3', 37_552_297_472],
  ])('that one token of %s passes through are %i', (name, active) => {
    expect(model(name).activeParameters).toBe(active);
  });
});
