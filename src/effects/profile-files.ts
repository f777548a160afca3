import { chmod, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ProfileFile, ProfileFiles, ProfileText } from '../core/ports.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { cacheDirectory, configDirectory, type Environment } from './directories.ts';

/** Larger files are not read: a profile is some kilobytes. One byte more than may be, so that the reader says so. */
const mostBytes = 2 ** 20 + 1;

/**
 * The profiles in `clusters/*.yaml` of the configuration directory. What they parsed to is remembered as JSON in the
 * cache directory, by the file's path and state and by the program's `version`.
 */
export function profileFiles(environment: Environment, homeDirectory: string, version: string): ProfileFiles {
  const directory = join(configDirectory(environment, homeDirectory), 'clusters');
  const cache = join(cacheDirectory(environment, homeDirectory), 'profiles');
  const remembered = (path: string): string =>
    // Where two long paths meet in one name, the path in the entry's stamp tells them apart.
    join(cache, `${encodeURIComponent(path).slice(-200)}.json`);
  return {
    list: () => list(directory),
    async read({ path }) {
      return attempt(path, async () => ({
        stamp: await stampOf(path, version),
        text: await readAtMost(path),
      }));
    },
    async write(name, text, schema) {
      const path = join(directory, `${name}.yaml`);
      return attempt(path, async () => {
        await writePrivate(join(directory, 'schema.json'), schema);
        await writePrivate(path, text);
        return { name, path };
      });
    },
    async recall({ path }) {
      try {
        const entry = JSON.parse(await readFile(remembered(path), 'utf8')) as Partial<Remembered> | null;
        return entry?.stamp === (await stampOf(path, version)) ? entry.value : undefined;
      } catch {
        return undefined;
      }
    },
    async remember({ path }, { stamp }: ProfileText, value) {
      const entry: Remembered = { stamp, value };
      await writePrivate(remembered(path), JSON.stringify(entry)).catch(() => undefined);
    },
  };
}

interface Remembered {
  readonly stamp: string;
  readonly value: unknown;
}

async function list(directory: string): Promise<Result<readonly ProfileFile[]>> {
  return attempt(directory, async () => {
    const names = await readdir(directory).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    });
    return names
      .filter((name) => name.endsWith('.yaml') && !name.startsWith('.'))
      .sort()
      .map((name) => ({ name: name.slice(0, -'.yaml'.length), path: join(directory, name) }));
  });
}

/** Changes whenever the file's content does: editors and `rename` change the inode or the time. */
async function stampOf(path: string, version: string): Promise<string> {
  const { ino, size, mtimeNs } = await stat(path, { bigint: true });
  return `${version} ${path} ${String(ino)} ${String(size)} ${String(mtimeNs)}`;
}

async function readAtMost(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(mostBytes) });
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Writes as a temporary and a rename, so that a reader sees the old text or the new one; nobody else may read it. */
async function writePrivate(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await chmod(dirname(path), 0o700);
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function attempt<T>(path: string, work: () => Promise<T>): Promise<Result<T>> {
  try {
    return ok(await work());
  } catch (error) {
    return fail({
      kind: 'local-file',
      path,
      because: error instanceof Error ? error.message : String(error),
    });
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
