import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProfileFile, ProfileText } from '../../src/core/ports.ts';
import type { Result } from '../../src/core/result.ts';
import { profileFiles } from '../../src/effects/profile-files.ts';

let home = '';
let umask = 0;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hs-profiles-'));
  umask = process.umask(0);
});
afterEach(() => {
  process.umask(umask);
  rmSync(home, { recursive: true, force: true });
});

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}

async function written(
  files = profileFiles({}, home, '1'),
): Promise<{ file: ProfileFile; read: ProfileText }> {
  const file = valueOf(await files.write('tbx', 'name: tbx\n', '{}\n'));
  return { file, read: valueOf(await files.read(file)) };
}

describe('profileFiles', () => {
  it('gives nobody else anything, whatever the umask', async () => {
    const files = profileFiles({}, home, '1');
    const { file, read } = await written(files);
    await files.remember(file, read, { name: 'tbx' });
    const visit = (path: string): readonly string[] =>
      statSync(path).isDirectory()
        ? [path, ...readdirSync(path).flatMap((name) => visit(join(path, name)))]
        : [path];
    const paths = visit(home).slice(1);
    expect(paths.length).toBeGreaterThan(6);
    for (const path of paths) expect([path, statSync(path).mode & 0o077]).toEqual([path, 0]);
    expect(paths.filter((path) => path.endsWith('.tmp'))).toEqual([]);
    expect(file.path).toBe(join(home, '.config/hpc-serve/clusters/tbx.yaml'));
  });

  it('follows XDG_CONFIG_HOME, unless it is relative', async () => {
    const config = join(home, 'elsewhere');
    expect((await written(profileFiles({ XDG_CONFIG_HOME: config }, home, '1'))).file.path).toContain(config);
    expect((await written(profileFiles({ XDG_CONFIG_HOME: 'here' }, home, '1'))).file.path).toContain(
      '.config',
    );
  });

  it('lists profiles by name, and nothing else', async () => {
    const files = profileFiles({}, home, '1');
    expect(valueOf(await files.list())).toEqual([]);
    await written(files);
    writeFileSync(join(home, '.config/hpc-serve/clusters/a.yaml'), '');
    writeFileSync(join(home, '.config/hpc-serve/clusters/.hidden.yaml'), '');
    expect(valueOf(await files.list()).map(({ name }) => name)).toEqual(['a', 'tbx']);
  });

  it('recalls a value while the file is as it was read, for the same version of the program', async () => {
    const files = profileFiles({}, home, '1');
    const { file, read } = await written(files);
    expect(await files.recall(file)).toBeUndefined();
    await files.remember(file, read, { some: 'value' });
    expect(await files.recall(file)).toEqual({ some: 'value' });
    expect(await profileFiles({}, home, '2').recall(file)).toBeUndefined();
    writeFileSync(file.path, 'name: xbt\n');
    expect(await files.recall(file)).toBeUndefined();
  });

  it('does not take a value for a text that was replaced meanwhile', async () => {
    const files = profileFiles({}, home, '1');
    const { file, read } = await written(files);
    await files.write('tbx', 'name: new\n', '{}\n');
    await files.remember(file, read, { old: true });
    expect(await files.recall(file)).toBeUndefined();
  });

  it('passes over a damaged cache, and over one that cannot be written', async () => {
    const files = profileFiles({}, home, '1');
    const { file, read } = await written(files);
    await files.remember(file, read, { some: 'value' });
    const cache = join(home, '.cache/hpc-serve/profiles');
    for (const name of readdirSync(cache)) writeFileSync(join(cache, name), '{"stamp":');
    expect(await files.recall(file)).toBeUndefined();
    rmSync(cache, { recursive: true });
    writeFileSync(cache, 'a file in the way');
    await files.remember(file, read, 1);
    expect(await files.recall(file)).toBeUndefined();
  });

  it('tells what the operating system said', async () => {
    mkdirSync(join(home, '.config/hpc-serve'), { recursive: true });
    writeFileSync(join(home, '.config/hpc-serve/clusters'), 'not a directory');
    chmodSync(home, 0o700);
    const files = profileFiles({}, home, '1');
    expect(await files.list()).toMatchObject({ ok: false, failure: { kind: 'local-file' } });
    expect(await files.write('a', '', '')).toMatchObject({ ok: false, failure: { kind: 'local-file' } });
    expect(await files.read({ name: 'x', path: join(home, 'x') })).toMatchObject({ ok: false });
  });
});
