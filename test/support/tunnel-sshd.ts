import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A real sshd on 127.0.0.1 that lets this user in with one key. */
export interface Sshd {
  readonly port: number;
  readonly directory: string;
  readonly identity: string;
  readonly knownHosts: string;
  readonly user: string;
  /** The processes that serve connections now; the listener is not one of them. */
  sessions(): readonly number[];
  /** Stops accepting; connections live on. */
  stopListening(): Promise<void>;
  listenAgain(): Promise<void>;
  close(): Promise<void>;
}

const program = '/usr/sbin/sshd';

export async function startSshd(): Promise<Sshd> {
  const directory = mkdtempSync(join(tmpdir(), 'hs-tunnel-sshd-'));
  const at = (name: string): string => join(directory, name);
  for (const key of ['host', 'user']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', key, '-f', at(key)]);
  }
  const port = await freePort();
  writeFileSync(at('authorized_keys'), readFileSync(at('user.pub')), { mode: 0o600 });
  const [type, key] = readFileSync(at('host.pub'), 'utf8').split(' ');
  writeFileSync(at('known_hosts'), `[127.0.0.1]:${port} ${type ?? ''} ${key ?? ''}\n`);
  writeFileSync(
    at('sshd_config'),
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${at('host')}`,
      `AuthorizedKeysFile ${at('authorized_keys')}`,
      `PidFile none`,
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin prohibit-password',
      'PasswordAuthentication no',
      'AllowTcpForwarding yes',
      'UseDNS no',
      'MaxStartups 100',
      '',
    ].join('\n'),
  );
  // Debian's sshd refuses to start as root without it.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const listen = async (): Promise<ChildProcess> => {
    const started = spawn(program, ['-D', '-e', '-f', at('sshd_config')], { stdio: 'ignore' });
    await answering(port);
    return started;
  };
  let listener = await listen();
  const sessions = new Set<number>();
  const note = (): readonly number[] => {
    for (const pid of descendants(listener.pid ?? -1)) sessions.add(pid);
    for (const pid of sessions) if (!isAlive(pid)) sessions.delete(pid);
    return [...sessions];
  };
  const stopListening = async (): Promise<void> => {
    note();
    if (listener.exitCode !== null || listener.signalCode !== null) return;
    listener.kill('SIGKILL');
    await new Promise((resolve) => listener.once('exit', resolve));
  };
  return {
    port,
    directory,
    identity: at('user'),
    knownHosts: at('known_hosts'),
    user: userInfo().username,
    sessions: note,
    stopListening,
    async listenAgain() {
      listener = await listen();
    },
    async close() {
      await stopListening();
      for (const pid of sessions) kill(pid, 'SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended meanwhile.
  }
}

function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

function descendants(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const parent = Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${entry}/stat`, 'utf8'))?.[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    } catch {
      // It ended meanwhile.
    }
  }
  const below = (pid: number): readonly number[] =>
    (children.get(pid) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(root);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answering(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const up = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (up) return;
    await sleep(25);
  }
  throw new Error(`nothing listens on ${port}`);
}
