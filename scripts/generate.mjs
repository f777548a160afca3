#!/usr/bin/env node
/** npm run generate: writes the files that are made from the sources. test/tooling/generated.test.ts compares them. */
import './install.mjs';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './files.mjs';

const { importTs } = await import('./run-ts.mjs');
const { generatedFiles } = await importTs('scripts/generated-files.ts');
for (const [path, text] of generatedFiles()) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  process.stderr.write(`Wrote ${path}.\n`);
}
