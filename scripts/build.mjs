#!/usr/bin/env node
/**
 * Bundles src/ into dist/: main.js, which starts app.js with V8's code cache, and one more bundle for each lazy import.
 * Does nothing when dist/ was built from the same inputs; `--force` builds all the same. docs/decisions/0001-one-bundle.md
 * has the reasons.
 */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { filesBelow, root } from './files.mjs';

const dist = join(root, 'dist');
const stamp = join(root, 'node_modules/.cache/hpc-serve/build.sha256');

/** A digest of everything that the result depends on. */
function digestOfInputs() {
  const hash = createHash('sha256').update(process.version);
  for (const file of ['package.json', 'package-lock.json', 'scripts/build.mjs', ...filesBelow('src')]) {
    hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

function isCurrent(digest) {
  return existsSync(join(dist, 'main.js')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest;
}

/** The licence texts of the packages whose code is in the bundle, as their licences ask. */
function notices(inputs) {
  const packages = new Set();
  for (const input of Object.keys(inputs)) {
    const found = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found) packages.add(found[1]);
  }
  return [...packages].sort().map((name) => {
    const folder = join(root, 'node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = ['LICENSE', 'LICENSE.md', 'license', 'LICENSE.txt'].find((n) => existsSync(join(folder, n)));
    return `${name} ${version} (${license})\n\n${file ? readFileSync(join(folder, file), 'utf8').trim() : ''}\n`;
  });
}

/**
 * ssh2 asks for its native cipher addon by a path beside its own files, and silently does without when it isn't there.
 * In the bundle it asks for it in the installed package.
 */
const ssh2Addon = {
  name: 'ssh2-addon',
  setup({ onResolve }) {
    const path = 'ssh2/lib/protocol/crypto/build/Release/sshcrypto.node';
    onResolve({ filter: /\/sshcrypto\.node$/ }, () => ({ path, external: true }));
  },
};

/** Commander starts programs for commands that are executables of their own. None of ours is, and loading the module takes 2 ms. */
const commanderSpawns = {
  name: 'commander-spawns',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes('/commander/') ? { path: 'child_process', namespace: 'lazy' } : undefined,
    );
    const contents = "module.exports = { get spawn() { return require('child_process').spawn; } };";
    onLoad({ filter: /.*/, namespace: 'lazy' }, () => ({ contents }));
  },
};

/** What `status` needs before its connection is one bundle; every other lazy import is a bundle of its own. */
const withMain = ['wire', 'cli/commands/status', 'effects/remote/connect', 'effects/remote/ssh2'];

/** Makes a lazy import a bundle of its own, and notes that it has to be built. */
function lazyBundles(wanted) {
  return {
    name: 'lazy-bundles',
    setup({ onResolve }) {
      onResolve({ filter: /^\.{1,2}\// }, ({ kind, path, resolveDir }) => {
        if (kind !== 'dynamic-import') return undefined;
        const name = relative(join(root, 'src'), join(resolveDir, path)).replace(/\.ts$/, '');
        if (withMain.includes(name)) return undefined;
        wanted.add(name);
        return { path: `./${bundleName(name)}`, external: true };
      });
    },
  };
}

const bundleName = (name) => `${name.replaceAll('/', '-')}.js`;

const common = {
  absWorkingDir: root,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  charset: 'ascii',
  sourcesContent: false,
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};

async function buildBundles(build, version, folder) {
  const wanted = new Set(['main']);
  const inputs = {};
  // Grows while it is walked: a bundle may name others.
  for (const name of wanted) {
    const { metafile } = await build({
      ...common,
      entryPoints: [`src/${name}.ts`],
      outfile: join(folder, name === 'main' ? 'app.js' : bundleName(name)),
      // Optional native code of ssh2; the second only orders ciphers for processors without AES instructions.
      plugins: [ssh2Addon, commanderSpawns, lazyBundles(wanted)],
      external: ['cpu-features'],
      // A lazy import becomes a call of the launcher's `require`, which knows the code cache.
      supported: { 'dynamic-import': false },
      banner: { js: "const hpcServeUrl=require('node:url').pathToFileURL(__filename).href;" },
      // ssh2's WebAssembly loader mentions __dirname, and has its code inline.
      define: {
        HPC_SERVE_VERSION: JSON.stringify(version),
        __dirname: '""',
        'import.meta.url': 'hpcServeUrl',
      },
      sourcemap: 'linked',
    });
    Object.assign(inputs, metafile.inputs);
  }
  return inputs;
}

async function bundle() {
  const { build } = await import('esbuild');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  // Built beside dist/ and swapped in, so that a build that fails or is killed leaves the old program whole.
  const fresh = join(root, `dist.${process.pid}`);
  try {
    const inputs = await buildBundles(build, version, fresh);
    await build({ ...common, entryPoints: ['src/launch.ts'], outfile: join(fresh, 'main.js') });
    writeFileSync(join(fresh, 'package.json'), '{ "type": "commonjs" }\n');
    writeFileSync(join(fresh, 'THIRD-PARTY-LICENSES.txt'), notices(inputs).join(`\n${'-'.repeat(80)}\n\n`));
    chmodSync(join(fresh, 'main.js'), 0o755);
    rmSync(dist, { recursive: true, force: true });
    renameSync(fresh, dist);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

const digest = digestOfInputs();
if (process.argv.includes('--force') || !isCurrent(digest)) {
  const started = performance.now();
  try {
    await bundle();
  } catch (error) {
    // esbuild has printed what is wrong, with file and line.
    if (!Array.isArray(error?.errors)) throw error;
    process.exit(1);
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, digest);
  process.stderr.write(`Built dist/ in ${((performance.now() - started) / 1000).toFixed(1)} s.\n`);
}
