import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const program = '/usr/sbin/sshd';

/** Why tests with a real sshd can't run here; undefined when they can. */
export const sshdMissing: string | undefined =
  existsSync(program) && existsSync('/usr/bin/ssh-keygen')
    ? undefined
    : 'needs OpenSSH (apt-get install openssh-server openssh-client)';

/** A directory of keys, configuration and known hosts for one test file. */
export interface SshHome {
  readonly directory: string;
  path(name: string): string;
  write(name: string, text: string): string;
  /** Makes a key pair and gives its path. */
  key(name: string, options?: { readonly type?: string; readonly passphrase?: string }): string;
  /** The public key, `type base64`. */
  publicKey(name: string): string;
  remove(): void;
}

export function createSshHome(): SshHome {
  const directory = mkdtempSync(join(tmpdir(), 'hs-ssh-'));
  mkdirSync(join(directory, '.ssh'), { mode: 0o700 });
  const path = (name: string) => join(directory, name);
  return {
    directory,
    path,
    write: (name, text) => {
      writeFileSync(path(name), text, { mode: 0o600 });
      return path(name);
    },
    key: (name, { type = 'ed25519', passphrase = '' } = {}) => {
      execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', name, '-f', path(name)]);
      return path(name);
    },
    publicKey: (name) =>
      readFileSync(path(`${name}.pub`), 'utf8')
        .split(' ')
        .slice(0, 2)
        .join(' '),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** A real sshd on a loopback port. */
export interface Sshd {
  readonly port: number;
  readonly user: string;
  readonly log: () => string;
  /** The processes that serve connections now; the listener is not one of them. */
  connections(): readonly number[];
  /** Kills the processes of all connections, not the listener: every connection is cut. */
  cut(): void;
  stop(): Promise<void>;
}

export interface SshdOptions {
  readonly home: SshHome;
  readonly name: string;
  /** A free one is taken when none is given. */
  readonly port?: number;
  /** Files of host keys; one is made when none is given. */
  readonly hostKeys?: readonly string[];
  readonly authorizedKeys: readonly string[];
  /** Further lines of sshd_config. */
  readonly extra?: readonly string[];
}

/** Starts an sshd that lets the current user in with the given public keys. */
export async function startSshd(options: SshdOptions): Promise<Sshd> {
  const { home, name } = options;
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const hostKeys = options.hostKeys ?? [home.key(`${name}-host`)];
  const authorized = home.write(
    `${name}-authorized`,
    options.authorizedKeys.map((key) => `${key}\n`).join(''),
  );
  const port = options.port ?? (await freePort());
  const config = home.write(
    `${name}-sshd_config`,
    [
      ...(options.extra ?? []),
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      ...hostKeys.map((key) => `HostKey ${key}`),
      `AuthorizedKeysFile ${authorized}`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin yes',
      'MaxStartups 200',
      'LogLevel VERBOSE',
      '',
    ].join('\n'),
  );
  const daemon = spawn(program, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  daemon.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  await listening(port, daemon, () => log);
  const connections = () => descendants(daemon.pid ?? 0);
  const cut = () => {
    for (const pid of connections()) kill(pid);
  };
  return {
    port,
    user: userInfo().username,
    log: () => log,
    connections,
    cut,
    stop: async () => {
      const exited = new Promise((resolve) => daemon.once('exit', resolve));
      // Before the listener goes: its children are not known as such afterwards.
      const open = connections();
      daemon.kill('SIGTERM');
      open.forEach(kill);
      await exited;
    },
  };
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function listening(port: number, daemon: ChildProcess, log: () => string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (daemon.exitCode !== null) throw new Error(`sshd ended: ${log()}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => (socket.destroy(), resolve(true)));
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`sshd does not listen: ${log()}`);
}

/** sshd's processes for connections: they are named so, unlike what runs in their sessions. */
function descendants(parent: number): readonly number[] {
  const rows = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((row) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row))
    .filter((row) => row !== null)
    .map(([, pid, ppid, args]) => ({ pid: Number(pid), ppid: Number(ppid), args: args ?? '' }));
  const childrenOf = (pid: number): readonly number[] =>
    rows
      .filter((row) => row.ppid === pid && row.args.startsWith('sshd'))
      .flatMap((row) => [row.pid, ...childrenOf(row.pid)]);
  return childrenOf(parent);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself meanwhile.
  }
}
