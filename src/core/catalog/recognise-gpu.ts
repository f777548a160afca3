import { MiB, GiB } from '../units.ts';
import { findGpu, type GpuId } from './gpu.ts';

/** How a family of GPUs is called by administrators, and which members of the catalog it has. */
interface Family {
  readonly word: RegExp;
  readonly members: readonly GpuId[];
  /** The member meant where nothing else is said; absent where members differ in memory and none is usual. */
  readonly usual?: GpuId;
}

/** Most specific first: `gh200` before `h200`, `l40s` before `l4`. Words are compared without punctuation. */
const families: readonly Family[] = [
  { word: /gb300/, members: ['gb300'], usual: 'gb300' },
  { word: /gb200/, members: ['gb200'], usual: 'gb200' },
  { word: /gh200/, members: ['gh200-96', 'gh200-144'], usual: 'gh200-96' },
  { word: /b300/, members: ['b300'], usual: 'b300' },
  { word: /b200/, members: ['b200'], usual: 'b200' },
  { word: /h200/, members: ['h200'], usual: 'h200' },
  { word: /h100/, members: ['h100-80', 'h100-pcie', 'h100-nvl'], usual: 'h100-80' },
  { word: /h20(?!\d)/, members: ['h20'], usual: 'h20' },
  { word: /a100/, members: ['a100-40', 'a100-80', 'a100-80-pcie'] },
  { word: /rtxpro6000/, members: ['rtx-pro-6000'], usual: 'rtx-pro-6000' },
  { word: /(?:rtx)?a6000/, members: ['rtx-a6000'], usual: 'rtx-a6000' },
  { word: /a30(?!\d)/, members: ['a30'], usual: 'a30' },
  { word: /a40(?!\d)/, members: ['a40'], usual: 'a40' },
  { word: /a10g?(?!\d)/, members: ['a10'], usual: 'a10' },
  { word: /l40s/, members: ['l40s'], usual: 'l40s' },
  { word: /l4(?!\d)/, members: ['l4'], usual: 'l4' },
  { word: /v100/, members: ['v100-16', 'v100-32'] },
  { word: /(?:^|tesla)t4(?!\d)/, members: ['t4'], usual: 't4' },
  { word: /3090/, members: ['rtx-3090'], usual: 'rtx-3090' },
  { word: /4090/, members: ['rtx-4090'], usual: 'rtx-4090' },
  { word: /5090/, members: ['rtx-5090'], usual: 'rtx-5090' },
  { word: /mi250x?/, members: ['mi250x-gcd'], usual: 'mi250x-gcd' },
  { word: /mi300x/, members: ['mi300x'], usual: 'mi300x' },
];

/** Words that single out one member of a family. */
const variants: readonly (readonly [RegExp, RegExp])[] = [
  [/pcie?/, /-pcie$/],
  [/nvl(?!ink)/, /-nvl$/],
  [/sxm|hbm3/, /^(?!.*(?:pcie|nvl))/],
];

/** Two sizes are the same GPU when they differ by less than names and driver reserves explain. */
const tolerance = 0.09;

function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** `80gb` and the like; a MIG profile's size is the slice's and not the GPU's. */
function statedMemoryGiB(words: readonly string[]): number | undefined {
  for (const word of words) {
    const found = /(?:^|[^0-9.g])(\d{2,3})g(?:i?b)?(?![a-z0-9.])/.exec(
      word.toLowerCase().replaceAll('_', ' '),
    );
    if (found?.[1] !== undefined) return Number(found[1]);
  }
  return undefined;
}

function byMemory(members: readonly GpuId[], memoryGiB: number): readonly GpuId[] {
  return members.filter((id) => {
    const known = findGpu(id)?.memoryGiB ?? 0;
    return Math.abs(memoryGiB - known) / known <= tolerance;
  });
}

/** What is known of one GPU's memory, GiB: measured, or only said by a word that may mean something else. */
interface Memory {
  readonly measured: number | undefined;
  readonly said: number | undefined;
}

function bySize(members: readonly GpuId[], { measured, said }: Memory): readonly GpuId[] {
  if (measured !== undefined) return byMemory(members, measured);
  const meant = said === undefined ? [] : byMemory(members, said);
  return meant.length > 0 ? meant : members;
}

function choose(family: Family, words: readonly string[], memory: Memory): GpuId | undefined {
  let left = bySize(family.members, memory);
  for (const [word, member] of variants) {
    if (!words.some((text) => word.test(plain(text)))) continue;
    const fitting = left.filter((id) => member.test(id));
    if (fitting.length > 0) left = fitting;
  }
  if (left.length === 1) return left[0];
  if (family.usual !== undefined && left.includes(family.usual)) return family.usual;
  const sizes = new Set(left.map((id) => findGpu(id)?.memoryGiB));
  return sizes.size === 1 ? left[0] : undefined;
}

const migProfile = /(\d)g\.(\d+)gb/;
/** Memory of the GPU that can be cut into such a slice, where the profile's name decides it (MIG User Guide). */
const migParents: Readonly<Record<string, number>> = {
  '1g.5gb': 40,
  '2g.10gb': 40,
  '3g.20gb': 40,
  '4g.20gb': 40,
  '7g.40gb': 40,
  '2g.20gb': 80,
  '3g.40gb': 80,
  '4g.40gb': 80,
  '7g.80gb': 80,
};

/** The family is named by the first word that names any. */
function recognise(words: readonly string[], memory: Memory): GpuId | undefined {
  for (const word of words) {
    const family = families.find((candidate) => candidate.word.test(plain(word)));
    if (family !== undefined) return choose(family, words, memory);
  }
  return undefined;
}

/**
 * The GPU of the catalog that a node has, from the type in its gres (the word that counts most), its features and the
 * memory of one GPU where that is known. Undefined where they leave it open between GPUs of different memory: a
 * person is asked then.
 */
export function recogniseGpu(
  gres: string | null,
  features: readonly string[],
  memoryMiB?: number,
): GpuId | undefined {
  const words = gres === null ? features : [gres, ...features];
  const profile = gres === null ? null : migProfile.exec(gres.toLowerCase());
  if (profile !== null) {
    const whole = words.map((word) => word.toLowerCase().replace(migProfile, ''));
    const said = statedMemoryGiB(whole) ?? migParents[profile[0]];
    const parent = recognise(whole, { measured: undefined, said });
    return parent === undefined ? undefined : `${parent}-mig-${profile[0]}`;
  }
  const measured = memoryMiB === undefined ? undefined : (memoryMiB * MiB) / GiB;
  return recognise(words, { measured, said: statedMemoryGiB(words) });
}
