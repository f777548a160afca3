import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const folders = ['src', 'scripts', 'templates', 'clusters'];

function sources(): readonly string[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
}

const isData = (file: string): boolean => /\.(?:json|csv)$/.test(file);

describe('every source file', () => {
  it('has at most 300 lines', () => {
    const long = sources()
      .filter((file) => !isData(file))
      .map((file) => ({ file, lines: readFileSync(file, 'utf8').split('\n').length - 1 }))
      .filter(({ lines }) => lines > 300);
    expect(long).toEqual([]);
  });

  it('has a name that says what is in it', () => {
    const vague = sources().filter((file) =>
      /^(?:utils?|helpers?|managers?|common|misc|base)\b/.test(basename(file)),
    );
    expect(vague).toEqual([]);
  });
});
