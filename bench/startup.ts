/**
 * How long hpc-serve takes before it does anything, against the emptiest program that Node can run (`node -e 0`).
 *
 * `--help` is timed from the start of the process to its end. `status` is timed from the start of its process to the
 * moment when its TCP connection to the login host is accepted: the profile names a listener of this benchmark, so
 * that everything before the network is in the number and nothing of SSH is. The connection is then closed, and the
 * command ends with "unreachable". The environment is the caller's but for its directories: what it adds to every start
 * of Node (NODE_EXTRA_CA_CERTS: 30 ms) is on both sides. `node -e "net.connect"` shows which part of that any Node program would take.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interleave, median, type Benchmark, type Measurement } from './support/measurement.ts';
import { profileOf } from './support/profile.ts';

const rounds = 40;
const main = join(process.cwd(), 'dist/main.js');

function start(argv: readonly string[], env: NodeJS.ProcessEnv): { ended: Promise<void>; at: number } {
  const at = performance.now();
  const child = spawn(process.execPath, argv, { stdio: 'ignore', env });
  return { at, ended: once(child, 'exit').then(() => undefined) };
}

async function untilExit(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { at, ended } = start(argv, env);
  await ended;
  return performance.now() - at;
}

async function untilConnected(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  server: Server,
): Promise<number> {
  let connectedAt: number | undefined;
  const accept = (): void => void (connectedAt ??= performance.now());
  server.on('connection', accept);
  const { at, ended } = start(argv, env);
  await ended;
  server.off('connection', accept);
  if (connectedAt === undefined) throw new Error(`${argv.join(' ')} ended without connecting`);
  return connectedAt - at;
}

async function listen(): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.on('error', () => undefined).destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, port: address.port };
}

export const run: Benchmark = async () => {
  const home = await mkdtemp(join(tmpdir(), 'hpc-serve-bench-'));
  const { server, port } = await listen();
  try {
    const profiles = join(home, 'hpc-serve/clusters');
    await mkdir(profiles, { recursive: true });
    await writeFile(join(profiles, 'bench.yaml'), profileOf({ name: 'bench', port }), { mode: 0o600 });
    const env = {
      ...process.env,
      HOME: home,
      XDG_CONFIG_HOME: home,
      XDG_CACHE_HOME: home,
      XDG_STATE_HOME: home,
    };
    const connect = `require('net').connect(${port}, '127.0.0.1').on('error', () => {})`;
    const samples = await interleave(
      {
        empty: () => untilExit(['-e', '0'], env),
        help: () => untilExit([main, '--help'], env),
        connect: () => untilConnected(['-e', connect], env, server),
        status: () => untilConnected([main, 'status'], env, server),
      },
      rounds,
    );
    const ofEmpty = { what: 'node -e 0', value: median(samples.empty) };
    return [
      { what: 'hpc-serve --help', ours: median(samples.help), limit: { atMost: 1.35 } },
      { what: 'hpc-serve status, until connected', ours: median(samples.status), limit: { atMost: 1.4 } },
      { what: 'node -e "net.connect", until connected', ours: median(samples.connect) },
    ].map((row): Measurement => ({ ...row, unit: 'ms', reference: ofEmpty }));
  } finally {
    server.close();
    await rm(home, { recursive: true, force: true });
  }
};
