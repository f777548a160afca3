import { expect, it } from 'vitest';
import { chooseProfile } from '../../../src/core/cluster/choose-profile.ts';

const file = (name: string): { name: string; path: string } => ({ name, path: `/c/${name}.yaml` });

it.each([
  ['the only one', ['a'], undefined, { ok: true, value: file('a') }],
  ['the named one', ['a', 'b'], 'b', { ok: true, value: file('b') }],
  ['an empty HPC_SERVE_CLUSTER is none', ['a'], '', { ok: true, value: file('a') }],
  ['none', [], undefined, { ok: false, failure: { kind: 'profile-missing', name: undefined, known: [] } }],
  [
    'not that one',
    ['b', 'a'],
    'c',
    { ok: false, failure: { kind: 'profile-missing', name: 'c', known: ['a', 'b'] } },
  ],
  [
    'several',
    ['b', 'a'],
    undefined,
    { ok: false, failure: { kind: 'profile-ambiguous', known: ['a', 'b'] } },
  ],
])('%s', (_, names, wanted, expected) => {
  expect(chooseProfile(names.map(file), wanted)).toEqual(expected);
});
