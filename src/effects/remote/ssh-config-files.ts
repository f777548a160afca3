import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import type { ConfigFile } from '../../core/ssh/config-lines.ts';
import { matchPattern } from '../../core/ssh/patterns.ts';
import type { SshEnvironment } from './ssh-settings.ts';

const systemConfig = '/etc/ssh/ssh_config';

/** The configuration files that OpenSSH reads: the user's, then the system's; or, as with `ssh -F`, the named one alone. */
export async function readConfigFiles(
  configFile: string | undefined,
  homeDirectory: string,
): Promise<Result<readonly ConfigFile[]>> {
  const paths = configFile === undefined ? [join(homeDirectory, '.ssh/config'), systemConfig] : [configFile];
  const files: ConfigFile[] = [];
  for (const path of paths) {
    try {
      files.push({ path, text: await readFile(path, 'utf8') });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOENT' && configFile === undefined) continue;
      return fail({ kind: 'local-file', path, because: (error as Error).message });
    }
  }
  return ok(files);
}

/** The files of an `Include`, in glob(3)'s order. One that can't be read is left out, as OpenSSH does. */
export function includedFiles(pattern: string, file: string, where: SshEnvironment): readonly ConfigFile[] {
  const path = pattern.replace(/^~(?=\/)/, () => where.homeDirectory);
  // ssh_config(5): a relative name is below ~/.ssh in a user's file, below /etc/ssh in the system's.
  const base = file.startsWith('/etc/ssh/') ? '/etc/ssh' : join(where.homeDirectory, '.ssh');
  const absolute = isAbsolute(path) ? path : join(base, path);
  return matchingPaths(absolute).flatMap((found) => {
    try {
      return [{ path: found, text: readFileSync(found, 'utf8') }];
    } catch {
      return [];
    }
  });
}

function matchingPaths(pattern: string): readonly string[] {
  if (!/[*?]/.test(pattern)) return [pattern];
  const name = basename(pattern);
  return matchingPaths(dirname(pattern)).flatMap((directory) => {
    let entries: string[];
    try {
      entries = readdirSync(directory);
    } catch {
      return [];
    }
    // As in glob(3), a leading dot is never matched by a wildcard.
    return entries
      .filter((entry) => (entry.startsWith('.') ? name.startsWith('.') : true) && matchPattern(entry, name))
      .sort()
      .map((entry) => join(directory, entry));
  });
}
