import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { generatedFiles } from '../../scripts/generated-files.ts';

it.each([...generatedFiles()])('%s is what `npm run generate` writes', (path, text) => {
  expect(readFileSync(path, 'utf8')).toBe(text);
});
