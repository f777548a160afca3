import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { root } from './files.mjs';

/** Imports a TypeScript file of this repository into this process; Node 20 can't by itself. */
export async function importTs(file) {
  // Below the root, so that the packages which stay outside the bundle are found.
  const outfile = join(root, 'node_modules/.cache/hpc-serve', `${basename(file, '.ts')}.${process.pid}.mjs`);
  try {
    await build({
      absWorkingDir: root,
      entryPoints: [file],
      outfile,
      bundle: true,
      packages: 'external',
      format: 'esm',
      platform: 'node',
      target: 'node20',
      sourcemap: 'inline',
      logLevel: 'warning',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(outfile, { force: true });
  }
}
