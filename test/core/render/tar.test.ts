import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tar } from '../../../src/core/render/tar.ts';

let directory = '';
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'tar-'))));
afterAll(() => rmSync(directory, { recursive: true }));

function unpack(archive: Uint8Array): void {
  const { status, stderr } = spawnSync('tar', ['-x', '-C', directory], { input: archive });
  expect(stderr.toString()).toBe('');
  expect(status).toBe(0);
}

describe('tar', () => {
  it('is read by tar with contents, modes and time', () => {
    const long = `${'d'.repeat(90)}/${'e'.repeat(60)}/${'f'.repeat(99)}`;
    const files = [
      { path: 'job.sh', mode: 0o700, content: '#!/bin/bash\n' },
      { path: 'key', mode: 0o600, content: 'ü😀', secret: true },
      { path: 'sub/empty', mode: 0o600, content: '' },
      { path: long, mode: 0o600, content: 'x'.repeat(512) },
    ] as const;
    unpack(tar(files, 1_700_000_000, ['logs', 'sub']));
    for (const { path, mode, content } of files) {
      const file = join(directory, path);
      expect(readFileSync(file, 'utf8')).toBe(content);
      expect(statSync(file).mode & 0o777).toBe(mode);
      expect(statSync(file).mtimeMs).toBe(1_700_000_000_000);
    }
    expect(statSync(join(directory, 'logs')).mode & 0o777).toBe(0o700);
  });

  it('round-trips any content', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), (text) => {
        const content = text;
        unpack(tar([{ path: 'any', mode: 0o600, content }], 0));
        return readFileSync(join(directory, 'any'), 'utf8') === content;
      }),
      { numRuns: 30 },
    );
  });

  it('gives the same bytes for the same input', () => {
    const files = [{ path: 'a', mode: 0o600, content: 'a' }] as const;
    expect(tar(files, 1)).toEqual(tar(files, 1));
  });

  it.each([
    '',
    '/etc/passwd',
    '../x',
    'a/../x',
    './a',
    'a//b',
    'a/',
    'a\0b',
    'n'.repeat(101),
    `${'p'.repeat(156)}/n`,
  ])('refuses the path %j', (path) =>
    expect(() => tar([{ path, mode: 0o600, content: '' }], 0)).toThrow(RangeError),
  );
});
