#!/usr/bin/env node
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { Script } from 'node:vm';

/**
 * Starts the program: the bundles beside this file, each compiled with what V8 remembers of it. Node 20 keeps nothing
 * between two runs by itself, and compiling takes longer than all that `status` does before its connection
 * (docs/decisions/0001-one-bundle.md). What is remembered lies in the user's cache directory and may be deleted at any time.
 */

type Load = (name: string) => unknown;

/** The command: each has a cache of its own, with what it runs and no more. */
const command = /^[a-z]{1,20}$/.exec(process.argv[2] ?? '')?.[0] ?? 'other';

/** `$XDG_CACHE_HOME/hpc-serve/code`; undefined where there is no home directory. */
function cacheDirectory(): string | undefined {
  const { XDG_CACHE_HOME: configured = '' } = process.env;
  try {
    return join(isAbsolute(configured) ? configured : join(homedir(), '.cache'), 'hpc-serve/code');
  } catch {
    return undefined;
  }
}

/** What is remembered is run as code: it must be this user's own, and closed to others. */
function readOwn(path: string): Buffer | undefined {
  try {
    const { uid, mode } = statSync(path);
    return uid === process.getuid?.() && (mode & 0o022) === 0 ? readFileSync(path) : undefined;
  } catch {
    return undefined;
  }
}

function writeOwn(path: string, data: Buffer): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, data, { mode: 0o600 });
    chmodSync(temporary, 0o600);
    renameSync(temporary, path);
  } catch {
    // A cache that can't be written costs some milliseconds at the next start, and nothing else.
  }
}

/** A `require` for the bundles: of each other with the cache, of everything else as usual. */
function loaderOf(directory: string, cache: string | undefined): Load {
  const loaded = new Map<string, { exports: unknown }>();
  const load: Load = (name) => {
    // The bundles are CommonJS, and this is their require.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    if (!name.startsWith('./')) return require(name);
    const known = loaded.get(name);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    loaded.set(name, module);
    const file = join(directory, name);
    // The bundles are ASCII: one byte a character.
    const source = readFileSync(file, 'latin1');
    const remembered = cache === undefined ? undefined : join(cache, cacheName(file, source.length));
    const cachedData = remembered === undefined ? undefined : readOwn(remembered);
    const wrapped = `(function(exports,require,module,__filename){${source}\n})`;
    const script = new Script(wrapped, {
      filename: file,
      ...(cachedData === undefined ? {} : { cachedData }),
    });
    const run = script.runInThisContext() as (...values: unknown[]) => void;
    run(module.exports, load, module, file);
    if (remembered !== undefined && script.cachedDataRejected !== false) {
      // At the end of the process, so that what was compiled meanwhile is remembered too.
      process.once('exit', () => writeOwn(remembered, script.createCachedData()));
    }
    return module.exports;
  };
  return load;
}

/** One name for each bundle of each build for each Node; without a hash, because loading node:crypto takes 2 ms. */
function cacheName(file: string, size: number): string {
  const { mtimeMs } = statSync(file);
  const build = `${mtimeMs.toString(36)}-${size}-${process.version}-${process.arch}`;
  return `${encodeURIComponent(file).slice(-150)}-${command}-${build}`;
}

loaderOf(__dirname, cacheDirectory())('./app.js');
