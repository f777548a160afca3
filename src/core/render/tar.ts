import type { BundleFile } from './bundle.ts';

/** Size of a tar block (POSIX.1-1988 ustar). */
const block = 512;
/** Field widths of a ustar header: a path is `prefix/name`, cut at a slash. */
const nameWidth = 100;
const prefixWidth = 155;

const text = new TextEncoder();

/** A path as ustar stores it; too long a path is a bug, because all paths are ours. */
function splitPath(path: string): { readonly name: string; readonly prefix: string } {
  if (text.encode(path).length <= nameWidth) return { name: path, prefix: '' };
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    const [prefix, name] = [path.slice(0, slash), path.slice(slash + 1)];
    if (name === '') break;
    if (text.encode(name).length <= nameWidth && text.encode(prefix).length <= prefixWidth)
      return { name, prefix };
  }
  throw new RangeError(`the path is too long for a tar header: ${path}`);
}

interface Entry {
  readonly path: string;
  readonly mode: number;
  readonly content: Uint8Array;
  /** `0` a file, `5` a directory. */
  readonly type: '0' | '5';
}

function header(entry: Entry, mtimeSeconds: number): Uint8Array {
  const bytes = new Uint8Array(block);
  const put = (offset: number, value: string): void => bytes.set(text.encode(value), offset);
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;
  const { name, prefix } = splitPath(entry.path);
  put(0, name);
  put(100, octal(entry.mode, 8));
  put(108, octal(0, 8));
  put(116, octal(0, 8));
  put(124, octal(entry.content.length, 12));
  put(136, octal(mtimeSeconds, 12));
  put(148, ' '.repeat(8));
  put(156, entry.type);
  put(257, 'ustar\0' + '00');
  put(345, prefix);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return bytes;
}

function check(path: string): void {
  const parts = path.split('/');
  if (path.includes('\0') || parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new RangeError(`not a path inside the bundle: ${JSON.stringify(path)}`);
  }
}

function concatenate(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((total, chunk) => total + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}

/**
 * A ustar archive of `directories` (mode 0700) and `files`, in this order: the same input gives the same bytes. Owner is 0:0,
 * which an ordinary user's tar replaces by the user; `mtimeSeconds` counts from 1970.
 */
export function tar(
  files: readonly BundleFile[],
  mtimeSeconds: number,
  directories: readonly string[] = [],
): Uint8Array {
  const entries: readonly Entry[] = [
    ...directories.map((path) => ({ path, mode: 0o700, content: new Uint8Array(), type: '5' as const })),
    ...files.map(({ path, mode, content }) => ({
      path,
      mode,
      content: text.encode(content),
      type: '0' as const,
    })),
  ];
  const chunks = entries.flatMap((entry) => {
    check(entry.path);
    const padding = new Uint8Array((block - (entry.content.length % block)) % block);
    return [header(entry, mtimeSeconds), entry.content, padding];
  });
  // Two empty blocks end an archive.
  return concatenate([...chunks, new Uint8Array(2 * block)]);
}
