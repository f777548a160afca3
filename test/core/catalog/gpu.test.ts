import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findGpu, listGpus } from '../../../src/core/catalog/gpu.ts';
import { recogniseGpu } from '../../../src/core/catalog/recognise-gpu.ts';

const Entry = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  name: z.string(),
  memoryGiB: z.number().min(1),
  bandwidthGBs: z.number().min(100),
  tflops16: z.number().min(10),
  nvlinkGBs: z.number().min(0),
  nvlinkDomain: z.int().min(1),
  computeCapability: z.number().min(7).max(13).nullable(),
  bf16: z.boolean(),
  estimated: z.array(z.enum(['memoryGiB', 'bandwidthGBs', 'tflops16'])),
});

describe('gpus.json', () => {
  it('satisfies its schema, with one entry an id', () => {
    const text = readFileSync(new URL('../../../src/core/catalog/gpus.json', import.meta.url), 'utf8');
    expect(z.array(Entry).parse(JSON.parse(text))).toEqual(listGpus());
    expect(new Set(listGpus().map(({ id }) => id)).size).toBe(listGpus().length);
  });
});

describe('recogniseGpu', () => {
  it.each<[string | null, string[], number | undefined, string | undefined]>([
    ['h100', [], undefined, 'h100-80'],
    ['H100', ['hopper', 'ib'], undefined, 'h100-80'],
    ['nvidia_h100_80gb_hbm3', [], undefined, 'h100-80'],
    ['nvidia_h100_pcie', [], undefined, 'h100-pcie'],
    ['nvidia_h100_nvl', [], undefined, 'h100-nvl'],
    ['h100', [], 95_830, 'h100-nvl'],
    ['h100', ['pcie'], 81_559, 'h100-pcie'],
    ['a100', [], undefined, undefined],
    ['a100', [], 40_960, 'a100-40'],
    ['a100', [], 81_920, 'a100-80'],
    ['a100', ['gpu80g'], undefined, 'a100-80'],
    ['a100', ['a100_80gb'], undefined, 'a100-80'],
    ['a100_80', ['80GB'], undefined, 'a100-80'],
    ['nvidia_a100_80gb_pcie', [], undefined, 'a100-80-pcie'],
    ['nvidia_a100-sxm4-40gb', [], undefined, 'a100-40'],
    ['a100_3g.20gb', [], undefined, 'a100-40-mig-3g.20gb'],
    ['nvidia_a100_80gb_pcie_1g.10gb', [], undefined, 'a100-80-pcie-mig-1g.10gb'],
    ['h100_1g.10gb', [], undefined, 'h100-80-mig-1g.10gb'],
    ['3g.40gb', ['a100'], undefined, 'a100-80-mig-3g.40gb'],
    ['l40s', [], undefined, 'l40s'],
    ['nvidia_l40s', [], undefined, 'l40s'],
    ['l4', [], undefined, 'l4'],
    ['l40', [], undefined, undefined],
    ['gh200', [], undefined, 'gh200-96'],
    ['nvidia_gh200_120gb', [], undefined, 'gh200-96'],
    ['rtx_a6000', [], undefined, 'rtx-a6000'],
    ['a6000', [], undefined, 'rtx-a6000'],
    ['rtx_6000_ada', [], undefined, undefined],
    ['v100', [], undefined, undefined],
    ['v100', [], 32_768, 'v100-32'],
    ['tesla_v100-sxm2-16gb', [], undefined, 'v100-16'],
    ['v100s', ['gpu32gb'], undefined, 'v100-32'],
    ['a40', [], undefined, 'a40'],
    ['a4000', [], undefined, undefined],
    ['a30', [], undefined, 'a30'],
    ['a10g', [], undefined, 'a10'],
    ['a100', ['a10'], 40_960, 'a100-40'],
    ['t4', [], undefined, 't4'],
    ['tesla_t4', [], undefined, 't4'],
    ['rtx4090', [], undefined, 'rtx-4090'],
    ['geforce_rtx_3090', [], undefined, 'rtx-3090'],
    ['b200', [], undefined, 'b200'],
    ['gb200', [], undefined, 'gb200'],
    ['h200', [], undefined, 'h200'],
    ['h20', [], undefined, 'h20'],
    ['mi300x', [], undefined, 'mi300x'],
    ['mi250', [], undefined, 'mi250x-gcd'],
    [null, ['h100', 'skylake'], undefined, 'h100-80'],
    [null, ['GPU_SKU:A100_PCIE', 'GPU_MEM:80GB'], undefined, 'a100-80-pcie'],
    [null, ['GPU_GEN:VLT', 'GPU_SKU:V100_SXM2', 'GPU_MEM:32GB'], undefined, 'v100-32'],
    [null, [], undefined, undefined],
    ['gpu', ['icelake', 'rhel8'], undefined, undefined],
    ['tesla', [], undefined, undefined],
  ])('%s %j %s is %s', (gres, features, memory, id) => {
    expect(recogniseGpu(gres, features, memory)).toBe(id);
  });

  it('only ever names GPUs of the catalog', () => {
    const word = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.constantFrom('a100', 'h100', '3g.20gb', '80gb', '_', 'pcie', 'nvl', '9g.999gb'),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 4 }), fc.array(word, { maxLength: 3 }), (gres, features) => {
        const id = recogniseGpu(gres.join('_'), features);
        return id === undefined || findGpu(id) !== undefined;
      }),
    );
  });
});

describe('findGpu', () => {
  it('derives a MIG slice from its GPU', () => {
    const slice = findGpu('a100-40-mig-3g.20gb');
    expect(slice?.memoryGiB).toBeCloseTo(19);
    expect(slice?.tflops16).toBeCloseTo((312 * 3) / 7);
    expect(slice?.nvlinkDomain).toBe(1);
  });

  it.each(['', 'x-mig-3g.20gb', 'a100-40-mig-', '__proto__', 'constructor'])('does not know %j', (id) =>
    expect(findGpu(id)).toBeUndefined(),
  );
});
