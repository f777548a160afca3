import type { RemoteTarget, Remotes } from '../../src/core/ports.ts';
import { createIds } from '../../src/effects/ids.ts';
import { createRemotes } from '../../src/effects/remote/connect.ts';
import { quietLog } from './quiet.ts';
import { createSshHome, startSshd, type SshHome, type Sshd } from './sshd.ts';

/** A real sshd, known to an ssh configuration as `login`, and as `inner` when reached through itself as a jump host. */
export interface LoginHost {
  readonly home: SshHome;
  readonly port: number;
  readonly user: string;
  readonly configFile: string;
  sshd(): Sshd;
  /** Starts sshd again on the same port, with the same keys. */
  startAgain(): Promise<void>;
  close(): Promise<void>;
}

export async function startLoginHost(extra: readonly string[] = []): Promise<LoginHost> {
  const home = createSshHome();
  home.key('user');
  const options = { home, name: 'login', authorizedKeys: [home.publicKey('user')], extra };
  let sshd = await startSshd(options);
  const { port, user } = sshd;
  home.write('known_hosts', `[127.0.0.1]:${port} ${home.publicKey('login-host')}\n`);
  return {
    home,
    port,
    user,
    configFile: writeConfig(home, 'config', { user, port }),
    sshd: () => sshd,
    async startAgain() {
      sshd = await startSshd({ ...options, port, hostKeys: [home.path('login-host')] });
    },
    async close() {
      await sshd.stop();
      home.remove();
    },
  };
}

/** An ssh configuration for the host behind `port`; `keyPort` is where its host key is known. */
export function writeConfig(
  home: SshHome,
  name: string,
  { user, port, keyPort = port }: { user: string; port: number; keyPort?: number },
): string {
  return home.write(
    name,
    `Host inner
  ProxyJump login
Host *
  HostName 127.0.0.1
  Port ${port}
  User ${user}
  HostKeyAlias [127.0.0.1]:${keyPort}
  IdentityFile ${home.path('user')}
  IdentitiesOnly yes
  UserKnownHostsFile ${home.path('known_hosts')}
  GlobalKnownHostsFile none
`,
  );
}

export function targetAt(configFile: string, host = 'login'): RemoteTarget {
  return { transport: 'ssh2', host, configFile };
}

/** Connections by the program's own adapters. */
export function remotesIn(directory: string): Remotes {
  const environment = { PATH: process.env['PATH'] };
  return createRemotes({
    log: quietLog(),
    ids: createIds(),
    environment,
    homeDirectory: directory,
  });
}
