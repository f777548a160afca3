import { describe, expect, it } from 'vitest';
import { parseSections } from '../../../src/core/remote/sections.ts';

describe('parseSections', () => {
  it('cuts both streams at the markers and leaves the text as it is', () => {
    const stdout = 'noise\n@m now\n1800\n\n@m squeue\na b\n\nc\n\n@m squeue-status 0\n\n@m end\n';
    const stderr = 'noise\n@m now\n\n@m squeue\noh\n\n@m squeue-status 0\n\n@m end\n';
    expect(parseSections(stdout, stderr, '@m')).toEqual([
      { name: 'now', argument: '', stdout: '1800\n', stderr: '' },
      { name: 'squeue', argument: '', stdout: 'a b\n\nc\n', stderr: 'oh\n' },
      { name: 'squeue-status', argument: '0', stdout: '', stderr: '' },
      { name: 'end', argument: '', stdout: '', stderr: '' },
    ]);
  });

  it('finds nothing in what has no marker', () => {
    expect(parseSections('x\n@other now\n', '', '@m')).toEqual([]);
  });
});
