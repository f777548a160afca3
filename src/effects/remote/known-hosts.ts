import { createHash, createHmac, randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fail, ok, type Result } from '../../core/result.ts';
import {
  judgeHostKey,
  keyTypeOf,
  knownHostName,
  knownKeyTypes,
  parseKnownHosts,
  type HostKeyVerdict,
  type KnownHost,
} from '../../core/ssh/known-hosts.ts';
import type { SshSettings } from './ssh-settings.ts';

/** What the known_hosts files record for one host. */
export interface KnownHosts {
  judge(key: Buffer): HostKeyVerdict;
  /** The key types that are recorded, to be asked for first. */
  readonly keyTypes: readonly string[];
}

/** Reads the known_hosts files of a host. One that is missing is empty; one that can't be read is a failure. */
export async function readKnownHosts(settings: SshSettings): Promise<Result<KnownHosts>> {
  const entries: KnownHost[] = [];
  for (const file of [...settings.userKnownHosts, ...settings.globalKnownHosts]) {
    try {
      entries.push(...parseKnownHosts(await readFile(file, 'utf8'), file));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOENT' || code === 'ENOTDIR') continue;
      // Without it a revoked or a changed key could pass for an unknown one.
      return fail({
        kind: 'host-key-refused',
        host: settings.host,
        fingerprint: '',
        reason: 'unreadable',
        where: `${file}: ${(error as Error).message}`,
      });
    }
  }
  return ok({
    judge: (key) => judgeHostKey(entries, settings.identity, key.toString('base64'), hostHash),
    keyTypes: knownKeyTypes(entries, settings.identity, hostHash),
  });
}

function hostHash(salt: string, name: string): string {
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64');
}

/** A key's fingerprint as OpenSSH prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** Records a key that a person has confirmed in the first of the user's files; gives the path. */
export async function recordHostKey(settings: SshSettings, key: Buffer): Promise<Result<string>> {
  const [path] = settings.userKnownHosts;
  if (path === undefined) return ok('');
  const encoded = key.toString('base64');
  const name = knownHostName(settings.identity);
  const line = `${settings.hashKnownHosts ? hashedName(name) : name} ${keyTypeOf(encoded) ?? ''} ${encoded}\n`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(path, 'a+', 0o600);
    try {
      const { size } = await file.stat();
      const last = Buffer.alloc(1);
      if (size > 0) await file.read(last, 0, 1, size - 1);
      // One write, so that two programs that append at once don't tear each other's lines.
      await file.write(size > 0 && last[0] !== 0x0a ? `\n${line}` : line);
    } finally {
      await file.close();
    }
    return ok(path);
  } catch (error) {
    return fail({ kind: 'local-file', path, because: (error as Error).message });
  }
}

function hashedName(name: string): string {
  const salt = randomBytes(20).toString('base64');
  return `|1|${salt}|${hostHash(salt, name)}`;
}
