import { expect, it } from 'vitest';
import { writeProfile } from '../../src/core/cluster/write-profile.ts';
import { loadProfile } from '../../src/flows/load-profile.ts';
import { profileValue } from '../core/cluster/profile-value.ts';
import { memoryProfiles } from '../support/memory-profiles.ts';

const good = profileValue();

it('reads a profile once, and remembers it', async () => {
  const memory = new Map<string, unknown>();
  const profiles = memoryProfiles(new Map([['tbx', writeProfile(good)]]), memory);
  expect(await loadProfile({ profiles }, undefined)).toEqual({ ok: true, value: good });
  expect(memory.get('tbx')).toEqual(good);
});

it('takes what is remembered without reading the file', async () => {
  const profiles = memoryProfiles(new Map([['tbx', 'not: read']]), new Map([['tbx', good]]));
  expect(await loadProfile({ profiles }, 'tbx')).toEqual({ ok: true, value: good });
});

it.each([[null], [[]], [{ name: 'tbx' }], ['text']])('passes over a memory of %j', async (remembered) => {
  const profiles = memoryProfiles(new Map([['tbx', writeProfile(good)]]), new Map([['tbx', remembered]]));
  expect(await loadProfile({ profiles }, 'tbx')).toEqual({ ok: true, value: good });
});

it('a bad profile hides no other, and is not remembered', async () => {
  const memory = new Map<string, unknown>();
  const profiles = memoryProfiles(
    new Map([
      ['bad', 'name: bad\nroot: [\n'],
      ['tbx', writeProfile(good)],
    ]),
    memory,
  );
  expect(await loadProfile({ profiles }, 'tbx')).toMatchObject({ ok: true });
  expect(await loadProfile({ profiles }, 'bad')).toMatchObject({
    ok: false,
    failure: { kind: 'profile-invalid' },
  });
  expect(await loadProfile({ profiles }, undefined)).toMatchObject({ failure: { known: ['bad', 'tbx'] } });
  expect([...memory.keys()]).toEqual(['tbx']);
});
