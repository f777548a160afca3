import { readFileSync } from 'node:fs';
import { Client, type ClientChannel } from 'ssh2';
import type { ByteChannel, Remote, Remotes, Script, ScriptOutput } from '../../src/core/ports.ts';
import { SshSocket } from '../../src/effects/proxy/ssh-socket.ts';
import { fail, ok, type Result } from '../../src/core/result.ts';

/** Where a direct connection goes. */
export interface DirectHost {
  readonly port: number;
  readonly user: string;
  readonly identity: string;
}

/** The smallest Remote over ssh2 that a tunnel needs, tuned as facts/performance.md says. */
export function directRemotes(host: DirectHost): Remotes {
  return { connect: (_target, signal) => connect(host, signal) };
}

function connect(host: DirectHost, signal?: AbortSignal): Promise<Result<Remote>> {
  const name = `127.0.0.1:${host.port}`;
  return new Promise((resolve) => {
    const client = new Client();
    let lastError = 'closed';
    const sock = new SshSocket();
    sock.setNoDelay(true);
    sock.connect({ host: '127.0.0.1', port: host.port });
    signal?.addEventListener('abort', () => client.destroy(), { once: true });
    client.on('error', (error) => {
      lastError = error.message;
      resolve(fail({ kind: 'unreachable', host: name, because: error.message }));
    });
    const lost = new Promise<string>((over) => {
      client.on('close', () => {
        over(lastError);
        resolve(fail({ kind: 'unreachable', host: name, because: lastError }));
      });
    });
    client.on('ready', () => {
      const remote = remoteOf(name, client, lost);
      void remote.run({ what: 'warm up', text: 'true' }).then(() => resolve(ok(remote)));
    });
    client.connect({
      sock,
      username: host.user,
      privateKey: readFileSync(host.identity),
      hostVerifier: () => true,
      algorithms: { cipher: ['aes128-gcm@openssh.com'] },
    });
  });
}

function remoteOf(name: string, client: Client, lost: Promise<string>): Remote {
  const gone = lost.then((because) => fail({ kind: 'connection-lost', host: name, because } as const));
  return {
    host: name,
    lost,
    run: (script) => Promise.race([runOn(client, script), gone]),
    follow: () => {
      throw new Error('not needed here');
    },
    forward: (host, port) => Promise.race([forwardOn(client, host, port), gone]),
    close: () => {
      client.destroy();
      return Promise.resolve();
    },
  };
}

function runOn(client: Client, script: Script): Promise<Result<ScriptOutput>> {
  return new Promise((resolve) => {
    client.exec(`exec /bin/sh -c '${script.text.replaceAll("'", `'\\''`)}'`, (error, channel) => {
      if (error) return resolve(fail({ kind: 'remote-command', what: script.what, exitCode: 1, stderr: '' }));
      let stdout = '';
      channel.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
      channel.stderr.resume();
      channel.on('close', (exitCode: number | undefined) =>
        resolve(ok({ exitCode: exitCode ?? 255, stdout, stderr: '' })),
      );
      channel.end(script.input);
    });
  });
}

function forwardOn(client: Client, host: string, port: number): Promise<Result<ByteChannel>> {
  return new Promise((resolve) => {
    client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
      if (error)
        return resolve(fail({ kind: 'forward-refused', target: `${host}:${port}`, because: error.message }));
      widen(client, channel);
      resolve(ok(channel as unknown as ByteChannel));
    });
  });
}

const windowBytes = 4 * 2 ** 20;

interface Internals {
  readonly incoming: { window: number };
  readonly outgoing: { readonly id: number; readonly state: string };
}

/** ssh2 grants the sender 2 MiB and has no option for more: grant 16 MiB, and again whenever half is used up. */
function widen(client: Client, channel: ClientChannel): void {
  const { incoming, outgoing } = channel as unknown as Internals;
  const { _protocol: protocol } = client as unknown as {
    readonly _protocol: { channelWindowAdjust(id: number, bytes: number): void };
  };
  const grant = (): void => {
    if (incoming.window > windowBytes / 2 || outgoing.state !== 'open') return;
    protocol.channelWindowAdjust(outgoing.id, windowBytes - incoming.window);
    incoming.window = windowBytes;
  };
  grant();
  channel.on('data', grant);
  // Listening sets the stream going: hold it until whoever asked for it listens too.
  channel.pause();
}
