/**
 * The tunnel against OpenSSH's `ssh -L`: same sshd, same cipher, same servers behind it, in turns, medians of the rounds.
 *
 * Requests are blocks of 1 KiB, answered by 1 KiB, one after another on each connection. Bulk is one connection on which
 * the far side sends all it can. The 20 ms link is a relay that hands every byte on 10 ms later and limits nothing else: what
 * it shows is windows, not TCP's own behaviour on a lossy path. `ssh -N -L` has no session open, `ssh -L` has one.
 */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { startLoginHost, targetAt, writeConfig, type LoginHost } from '../test/support/login-host.ts';
import { freePort } from '../test/support/sshd.ts';
import { median, type Benchmark, type Measurement } from './support/measurement.ts';
import type { RequestLoad, RequestRates } from './support/tunnel/load.ts';
import type { Ports, TunnelOrder } from './support/tunnel/process.ts';

const rounds = Number(process.env['HPC_SERVE_BENCH_ROUNDS'] ?? 5);
const cipher = 'aes128-gcm@openssh.com';
const program = join(process.cwd(), `node_modules/.cache/hpc-serve/tunnel-process.${process.pid}.mjs`);

type Contender = 'ours' | 'ssh -N -L' | 'ssh -L';

/** Everything that was started, so that nothing outlives the benchmark. */
const children = new Set<ChildProcess>();

function started(child: ChildProcess): ChildProcess {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Starts a role of process.ts; its first message is the value, and it lives on. */
async function play(role: string, order: unknown = null): Promise<{ child: ChildProcess; value: unknown }> {
  const child = started(fork(program, [role, JSON.stringify(order)], { execArgv: [] }));
  const value = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', () => reject(new Error(`the process "${role}" ended early`)));
  });
  return { child, value };
}

/** The same, for a role whose message is its result. */
async function measured(role: string, order: unknown): Promise<unknown> {
  const { child, value } = await play(role, order);
  child.kill();
  return value;
}

/** OpenSSH's client with two forwards; with a session when `session`. */
async function openssh(way: Way, far: Ports, session: boolean): Promise<Ports> {
  const local = { answering: await freePort(), sending: await freePort() };
  const forward = (from: number, to: number): readonly string[] => [
    '-L',
    `127.0.0.1:${from}:127.0.0.1:${to}`,
  ];
  const argv = [
    ...['-F', way.configFile, '-o', 'BatchMode=yes', '-o', 'ExitOnForwardFailure=yes'],
    ...forward(local.answering, far.answering),
    ...forward(local.sending, far.sending),
    ...(session ? [way.host, 'cat'] : ['-N', way.host]),
  ];
  started(spawn('ssh', argv, { stdio: ['pipe', 'ignore', 'inherit'] }));
  await answering(local.sending);
  return local;
}

async function answering(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const up = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (up) return;
    await sleep(50);
  }
  throw new Error(`nothing listens on ${port}`);
}

/** Medians of `measure` for each contender, one of each per round. */
async function inTurns<T>(
  contenders: readonly Contender[],
  measure: (contender: Contender) => Promise<T>,
): Promise<(contender: Contender, value: (sample: T) => number) => number> {
  const samples = new Map<Contender, T[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const contender of contenders) {
      const sample = await measure(contender);
      // The first round warms up compilers and caches.
      if (round > 0) samples.get(contender)?.push(sample);
    }
  }
  return (contender, value) => median((samples.get(contender) ?? []).map(value));
}

type Ends = Readonly<Record<Contender, Ports>>;

/** A way to the login host: an ssh configuration, and the name of the host in it. */
interface Way {
  readonly directory: string;
  readonly configFile: string;
  readonly host: string;
}

async function openAll(way: Way, far: Ports): Promise<Ends> {
  const { directory, configFile, host } = way;
  const order: TunnelOrder = { target: targetAt(configFile, host), directory, far };
  return {
    ours: (await play('tunnel', order)).value as Ports,
    'ssh -N -L': await openssh(way, far, false),
    'ssh -L': await openssh(way, far, true),
  };
}

async function requestRows(
  ends: Ends,
  connections: number,
  contenders: readonly Contender[],
  label = '',
): Promise<readonly Measurement[]> {
  const of = await inTurns(contenders, async (contender) => {
    const load: RequestLoad = { port: ends[contender].answering, connections, seconds: 1.5 };
    return (await measured('requests', load)) as RequestRates;
  });
  const what = `${label}1 KiB requests, ${connections} connection${connections > 1 ? 's' : ''}`;
  return contenders
    .filter((contender) => contender !== 'ours')
    .flatMap((contender): Measurement[] => {
      const rate = (who: Contender): number => of(who, (sample) => sample.perSecond);
      const p99 = (who: Contender): number => of(who, (sample) => sample.p99Ms);
      const stalls = contender === 'ssh -N -L' && connections === 1;
      return [
        {
          what,
          unit: 'requests/s',
          ours: rate('ours'),
          reference: { what: contender, value: rate(contender) },
          limit: { atLeast: stalls ? 3 : 0.85 },
        },
        {
          what: `${what}, p99`,
          unit: 'ms',
          ours: p99('ours'),
          reference: { what: contender, value: p99(contender) },
          ...(stalls ? { limit: { atMost: 1 / 50 } } : {}),
        },
      ];
    });
}

async function bulkRow(ends: Ends, what: string, atLeast: number): Promise<Measurement> {
  const of = await inTurns(
    ['ours', 'ssh -L'],
    async (contender) => (await measured('bulk', ends[contender].sending)) as number,
  );
  const rate = (who: Contender): number => of(who, (sample) => sample);
  return {
    what,
    unit: 'MB/s',
    ours: rate('ours'),
    reference: { what: 'ssh -L', value: rate('ssh -L') },
    limit: { atLeast },
  };
}

export const run: Benchmark = async () => {
  await build({
    entryPoints: ['bench/support/tunnel/process.ts'],
    outfile: program,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
  });
  const login = await startLoginHost([`Ciphers ${cipher}`]);
  try {
    return await measure(login);
  } finally {
    for (const child of children) child.kill();
    await login.close();
    await rm(program, { force: true });
  }
};

async function measure({ home, port, user, configFile }: LoginHost): Promise<readonly Measurement[]> {
  const { directory } = home;
  const far = (await play('far-side')).value as Ports;
  const relay = (await play('delay', port)).value as number;
  const distant = writeConfig(home, 'config-20ms', { user, port: relay, keyPort: port });
  const near = await openAll({ directory, configFile, host: 'login' }, far);
  const over20ms = await openAll({ directory, configFile: distant, host: 'login' }, far);
  const throughJump = await openAll({ directory, configFile, host: 'inner' }, far);
  const throughJumpOver20ms = await openAll({ directory, configFile: distant, host: 'inner' }, far);
  return [
    ...(await requestRows(near, 1, ['ours', 'ssh -N -L', 'ssh -L'])),
    ...(await requestRows(near, 32, ['ours', 'ssh -L'])),
    ...(await requestRows(near, 256, ['ours', 'ssh -L'])),
    await bulkRow(near, 'bulk', 0.85),
    await bulkRow(over20ms, 'bulk, 20 ms', 1.5),
    ...(await requestRows(throughJump, 1, ['ours', 'ssh -N -L', 'ssh -L'], 'jump host: ')),
    await bulkRow(throughJumpOver20ms, 'bulk, jump host, two links of 20 ms', 1.5),
  ];
}
