import { open, rename, rm, writeFile } from 'node:fs/promises';
import type { LocalFiles } from '../core/ports.ts';
import { fail, ok } from '../core/result.ts';

/** The user's own files, by the paths that were written on the command line. */
export const localFiles: LocalFiles = {
  async read(path, mostBytes) {
    try {
      const file = await open(path, 'r');
      try {
        const buffer = Buffer.alloc(mostBytes + 1);
        let length = 0;
        for (;;) {
          const { bytesRead } = await file.read(buffer, length, buffer.length - length, null);
          length += bytesRead;
          if (bytesRead === 0 || length === buffer.length) break;
        }
        if (length > mostBytes) {
          return fail({ kind: 'local-file', path, because: `it is larger than ${mostBytes} bytes` });
        }
        return ok(buffer.toString('utf8', 0, length));
      } finally {
        await file.close();
      }
    } catch (error) {
      return fail({ kind: 'local-file', path, because: reasonOf(error) });
    }
  },

  async write(path, text) {
    const temporary = `${path}.${process.pid}.tmp`;
    try {
      await writeFile(temporary, text, { mode: 0o600, flag: 'wx' });
      await rename(temporary, path);
      return ok(undefined);
    } catch (error) {
      await rm(temporary, { force: true });
      return fail({ kind: 'local-file', path, because: reasonOf(error) });
    }
  },
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file or directory';
  if (code === 'EACCES') return 'it may not be opened';
  if (code === 'EISDIR') return 'it is a directory';
  return error instanceof Error ? error.message : String(error);
}
