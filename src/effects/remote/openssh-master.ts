import { execa } from 'execa';
import { lstat, mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Ids, RemoteTarget } from '../../core/ports.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { ResolvedConfig } from '../../core/ssh/config.ts';
import { strictnessOf } from './ssh-settings.ts';

/** The parts of a child process that are used, whatever starts it. */
export interface SshProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves with the exit status when the process is gone and its streams are read; -1 where it could not be started. */
  readonly exited: Promise<number>;
  readonly kill: () => void;
}

/** Starts the system's ssh with some arguments. */
export function startSsh(args: readonly string[]): SshProcess {
  const child = execa('ssh', args, { buffer: false, reject: false, encoding: 'buffer', stdin: 'pipe' });
  child.stdin.on('error', () => undefined);
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exited: child.then((result) => result.exitCode ?? -1),
    kill: () => void child.kill('SIGTERM'),
  };
}

/** sun_path holds 104 bytes on BSD and 108 on Linux, and ssh adds 17 characters while it makes the socket. */
const maxSocketPath = 104 - 18;

/** A path for a control socket in a directory that only the user can enter. */
export async function controlPath(
  ids: Ids,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Result<string>> {
  const runtime = environment['XDG_RUNTIME_DIR'];
  const candidates = [
    ...(runtime === undefined || runtime === '' ? [] : [join(runtime, 'hpc-serve')]),
    `/tmp/hpc-serve-${userInfo().uid}`,
  ];
  let because = 'no directory for the control socket';
  for (const directory of candidates) {
    const path = join(directory, `${ids.base32(10)}.ssh`);
    if (Buffer.byteLength(path) > maxSocketPath) continue;
    const obstacle = await privateDirectory(directory);
    if (obstacle === undefined) return ok(path);
    because = obstacle;
  }
  return fail({ kind: 'local-file', path: candidates.at(-1) ?? '', because });
}

/** Makes a directory of mode 0700, or says why the one that is there can't be trusted. */
async function privateDirectory(directory: string): Promise<string | undefined> {
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return (error as Error).message;
  }
  const found = await lstat(directory);
  if (!found.isDirectory()) return 'it is not a directory';
  if (found.uid !== userInfo().uid) return 'it belongs to another user';
  return (found.mode & 0o077) === 0 ? undefined : 'others may enter it';
}

/** The command that holds the master open: it ends with our end of its stdin, even when we are killed. */
const holdOpen = `exec /bin/sh -c 'echo ready; exec cat >/dev/null'`;

/** Arguments of the ssh that holds the connection. */
export function masterArguments(
  target: RemoteTarget,
  config: ResolvedConfig,
  socket: string,
  canAsk: boolean,
): readonly string[] {
  const given = (keyword: string) => config.values.has(keyword);
  const strictness = strictnessOf(config.values.get('stricthostkeychecking')?.[0]);
  const options = [
    'ControlMaster=yes',
    `ControlPath=${socket}`,
    'ControlPersist=no',
    `StrictHostKeyChecking=${strictness === 'ask' && !canAsk ? 'yes' : strictness}`,
    `BatchMode=${canAsk ? 'no' : 'yes'}`,
    'ForwardAgent=no',
    'ForwardX11=no',
    'ClearAllForwardings=yes',
    'PermitLocalCommand=no',
    'RemoteCommand=none',
    'RequestTTY=no',
    ...(given('connecttimeout') ? [] : ['ConnectTimeout=30']),
    ...(given('serveraliveinterval') ? [] : ['ServerAliveInterval=15', 'ServerAliveCountMax=3']),
  ];
  return [
    '-v',
    '-T',
    ...(target.configFile === undefined ? [] : ['-F', target.configFile]),
    ...(target.user === undefined ? [] : ['-l', target.user]),
    ...(target.port === undefined ? [] : ['-p', String(target.port)]),
    ...(target.identityFile === undefined ? [] : ['-i', target.identityFile]),
    ...options.flatMap((option) => ['-o', option]),
    '--',
    target.host,
    holdOpen,
  ];
}

/** Arguments of an ssh that uses the master's connection, and never opens one of its own. */
export function clientArguments(socket: string, host: string): readonly string[] {
  const options = ['ControlMaster=no', `ControlPath=${socket}`, 'ProxyCommand=false', 'BatchMode=yes'];
  return ['-v', '-T', '-F', 'none', ...options.flatMap((option) => ['-o', option]), '--', host];
}
