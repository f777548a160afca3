import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };

describe('npm pack', () => {
  let folder: string;
  let packed: Packed;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hpc-serve-package-'));
    const json = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [only] = JSON.parse(json) as readonly Packed[];
    if (only === undefined) throw new Error(`npm pack printed ${json}`);
    packed = only;
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds the program, its templates, the sandbox and the documents, and nothing else', () => {
    const tops = new Set(packed.files.map(({ path }) => path.replace(/\/.*/, '')));
    expect([...tops].sort()).toEqual(
      [
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'clusters',
        'dist',
        'docs',
        'package.json',
        'templates',
      ].sort(),
    );
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toContain('dist/main.js');
    expect(paths).toContain('clusters/schema.json');
    expect(packed.files.find(({ path }) => path === 'clusters/sandbox/sandbox')?.mode).toBe(0o755);
  });

  it('stays below 2 MB', () => {
    expect(packed.size).toBeLessThan(2_000_000);
  });

  it('installs elsewhere, without scripts, and runs as hpc-serve', () => {
    const prefix = join(folder, 'elsewhere');
    const tarball = join(folder, packed.filename);
    execFileSync('npm', ['install', '--global', '--prefix', prefix, '--ignore-scripts', tarball], {
      cwd: folder,
      stdio: 'pipe',
    });
    const program = join(prefix, 'bin/hpc-serve');
    const env = { PATH: process.env['PATH'], HOME: folder };
    expect(execFileSync(program, ['--version'], { cwd: folder, env, encoding: 'utf8' }).trim()).toBe(version);
    expect(execFileSync(program, ['sandbox', '--help'], { cwd: folder, env, encoding: 'utf8' })).toContain(
      'up',
    );
  });
});
