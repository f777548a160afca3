import { describe, expect, it } from 'vitest';
import { profileSchemaText } from '../../../src/core/cluster/schema-json.ts';
import { isUnedited, writeProfile } from '../../../src/core/cluster/write-profile.ts';
import { profileValue } from './profile-value.ts';

describe('writeProfile', () => {
  it('writes what people can read', async () => {
    await expect(writeProfile(profileValue())).toMatchFileSnapshot('../../golden/cluster/profile.yaml');
  });

  it('knows its own text from an edited one', () => {
    const text = writeProfile(profileValue());
    expect(isUnedited(text)).toBe(true);
    expect(isUnedited(text.replace('count: 8', 'count: 4'))).toBe(false);
    expect(isUnedited(`${text}# a note\n`)).toBe(false);
    expect(isUnedited(`# mine\n${text}`)).toBe(false);
    expect(isUnedited('name: x\n')).toBe(false);
  });
});

it('clusters/schema.json is the schema of now (vitest -u writes it)', async () => {
  await expect(profileSchemaText()).toMatchFileSnapshot('../../../clusters/schema.json');
});
