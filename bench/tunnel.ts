/**
 * The tunnel against OpenSSH's `ssh -L`: same sshd, same cipher, same servers behind it, in turns, medians of the rounds.
 *
 * Requests are blocks of 1 KiB, answered by 1 KiB, one after another on each connection. Bulk is one connection on which
 * the far side sends all it can. The 20 ms link is a relay that hands every byte on 10 ms later and limits nothing else: what
 * it shows is windows, not TCP's own behaviour on a lossy path. `ssh -N -L` has no session open, `ssh -L` has one.
 */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { freePort, startSshd, type Sshd } from '../test/support/tunnel-sshd.ts';
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
async function play<T>(role: string, order: unknown = null): Promise<{ child: ChildProcess; value: T }> {
  const child = started(fork(program, [role, JSON.stringify(order)], { execArgv: [] }));
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the process "${role}" ended early`);
  });
  const [value] = (await Promise.race([once(child, 'message'), ended])) as [T];
  ended.catch(() => undefined);
  return { child, value };
}

/** The same, for a role whose message is its result. */
async function measured<T>(role: string, order: unknown): Promise<T> {
  const { child, value } = await play<T>(role, order);
  child.kill();
  return value;
}

/** OpenSSH's client with two forwards; with a session when `session`. */
async function openssh(sshd: Sshd, port: number, far: Ports, session: boolean): Promise<Ports> {
  const local = { answering: await freePort(), sending: await freePort() };
  const forward = (from: number, to: number): readonly string[] => [
    '-L',
    `127.0.0.1:${from}:127.0.0.1:${to}`,
  ];
  const argv = [
    ...['-F', 'none', '-p', `${port}`, '-l', sshd.user, '-i', sshd.identity, '-c', cipher],
    ...['-o', `UserKnownHostsFile=${sshd.knownHosts}`, '-o', `HostKeyAlias=[127.0.0.1]:${sshd.port}`],
    ...['-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-o', 'ExitOnForwardFailure=yes'],
    ...forward(local.answering, far.answering),
    ...forward(local.sending, far.sending),
    ...(session ? ['127.0.0.1', 'cat'] : ['-N', '127.0.0.1']),
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

async function openAll(sshd: Sshd, port: number, far: Ports): Promise<Ends> {
  const host = { port, user: sshd.user, identity: sshd.identity };
  return {
    ours: (await play<Ports>('tunnel', { host, far } satisfies TunnelOrder)).value,
    'ssh -N -L': await openssh(sshd, port, far, false),
    'ssh -L': await openssh(sshd, port, far, true),
  };
}

async function requestRows(
  ends: Ends,
  connections: number,
  contenders: readonly Contender[],
): Promise<readonly Measurement[]> {
  const of = await inTurns(contenders, (contender) =>
    measured<RequestRates>('requests', {
      port: ends[contender].answering,
      connections,
      seconds: 1.5,
    } satisfies RequestLoad),
  );
  const what = `1 KiB requests, ${connections} connection${connections > 1 ? 's' : ''}`;
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
  const of = await inTurns(['ours', 'ssh -L'], (contender) =>
    measured<number>('bulk', ends[contender].sending),
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
  const sshd = await startSshd();
  try {
    const { value: far } = await play<Ports>('far-side');
    const near = await openAll(sshd, sshd.port, far);
    const relay = await play<number>('delay', sshd.port);
    const distant = await openAll(sshd, relay.value, far);
    return [
      ...(await requestRows(near, 1, ['ours', 'ssh -N -L', 'ssh -L'])),
      ...(await requestRows(near, 32, ['ours', 'ssh -L'])),
      ...(await requestRows(near, 256, ['ours', 'ssh -L'])),
      await bulkRow(near, 'bulk', 0.85),
      await bulkRow(distant, 'bulk over 20 ms', 1.5),
    ];
  } finally {
    for (const child of children) child.kill();
    await sshd.close();
  }
};
