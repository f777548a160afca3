import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findGpu } from '../../../src/core/catalog/gpu.ts';
import { ClusterProfile } from '../../../src/core/cluster/profile.ts';
import { readProfile } from '../../../src/core/cluster/read-profile.ts';
import { modeline } from '../../../src/core/cluster/write-profile.ts';

const directory = join(import.meta.dirname, '../../../clusters');

it.each(readdirSync(directory).filter((name) => name.endsWith('.yaml')))('%s is a valid profile', (file) => {
  const text = readFileSync(join(directory, file), 'utf8');
  const profile = readProfile(file, file.replace(/\.yaml$/, ''), text);
  if (!profile.ok) throw new Error(JSON.stringify(profile.failure, null, 1));
  expect(text.startsWith(modeline)).toBe(true);
  const gpus = profile.value.partitions.flatMap(({ nodes }) => nodes.flatMap((group) => group.gpus));
  expect(gpus.filter(({ model }) => model !== undefined && findGpu(model) === undefined)).toEqual([]);
  for (const part of Object.keys(ClusterProfile.shape)) expect(text).toMatch(new RegExp(`^${part}:`, 'm'));
});
