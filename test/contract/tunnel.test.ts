import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Failure } from '../../src/core/failure.ts';
import { ok, type Result } from '../../src/core/result.ts';
import type { DeploymentEndpoints, TunnelEvent } from '../../src/core/tunnel/event.ts';
import { localPorts } from '../../src/effects/proxy/local-ports.ts';
import { tunnel, type TunnelScope } from '../../src/flows/tunnel.ts';
import { clock } from '../../src/effects/clock.ts';
import { remotesIn, startLoginHost, targetAt, type LoginHost } from '../support/login-host.ts';
import { freePort, sshdMissing } from '../support/sshd.ts';
import {
  ask,
  deploymentOf,
  echo,
  endpointAt,
  listLog,
  named,
  nameOf,
  startReplica,
  type Replica,
} from '../support/tunnel-world.ts';

/** A tunnel that runs in this process. */
interface Running {
  readonly events: TunnelEvent[];
  readonly log: ReturnType<typeof listLog>;
  known: readonly DeploymentEndpoints[];
  seen<K extends TunnelEvent['kind']>(kind: K): Promise<Extract<TunnelEvent, { kind: K }>>;
  readonly ended: Promise<Result<never>>;
  stop(): Promise<Result<never>>;
}

let login: LoginHost;
let replicas: Replica[] = [];
let running: Running[] = [];

beforeAll(async () => {
  if (sshdMissing === undefined) login = await startLoginHost();
});
afterAll(() => login.close());
beforeEach(() => {
  replicas = [];
  running = [];
});
afterEach(async () => {
  signalConnections('SIGCONT');
  await Promise.all(running.map((one) => one.stop()));
  await Promise.all(replicas.map((one) => one.close()));
});

/** To the processes of sshd that serve connections. */
function signalConnections(signal: NodeJS.Signals): void {
  for (const pid of login.sshd().connections()) process.kill(pid, signal);
}

async function replica(serve: Parameters<typeof startReplica>[0], port = 0): Promise<Replica> {
  const one = await startReplica(serve, port);
  replicas.push(one);
  return one;
}

const one = (port?: number): TunnelScope => ({ kind: 'one', deployment: nameOf('llama'), port });

function start(known: readonly DeploymentEndpoints[], scope: TunnelScope = one()): Running {
  const stop = new AbortController();
  const events: TunnelEvent[] = [];
  const log = listLog();
  const readEndpoints = (): Promise<Result<readonly DeploymentEndpoints[]>> =>
    Promise.resolve(ok(self.known));
  const world = { remotes: remotesIn(login.home.directory), localPorts, clock, log, readEndpoints };
  const flow = tunnel(targetAt(login.configFile), scope, world, stop.signal);
  let failure: Failure | undefined;
  const ended = (async () => {
    for (;;) {
      const step = await flow.next();
      if (step.done === true) {
        if (!step.value.ok) failure = step.value.failure;
        return step.value;
      }
      events.push(step.value);
    }
  })();
  const self: Running = {
    events,
    log,
    known,
    ended,
    async seen(kind) {
      for (;;) {
        const found = events.find((event) => event.kind === kind);
        if (found !== undefined) return found as Extract<TunnelEvent, { kind: typeof kind }>;
        if (failure !== undefined) throw new Error(`the tunnel ended: ${JSON.stringify(failure)}`);
        await sleep(10);
      }
    },
    stop() {
      stop.abort();
      return ended;
    },
  };
  running.push(self);
  return self;
}

async function secondsUntil(done: () => Promise<boolean>, limit = 20): Promise<number> {
  const started = performance.now();
  while (!(await done())) {
    if (performance.now() - started > limit * 1000) throw new Error(`not within ${limit} s`);
    await sleep(50);
  }
  return (performance.now() - started) / 1000;
}

const says = async (port: number, text: string): Promise<boolean> =>
  (await ask(port)).bytes.toString() === text;

describe.skipIf(sshdMissing !== undefined)('a tunnel through a real sshd', () => {
  test('serves the deployment on a port that its name decides, with model and key', async () => {
    const engine = await replica(named('hello'));
    const keyFile = join(login.home.directory, "the key's file");
    writeFileSync(keyFile, 'secret-key\n', { mode: 0o600 });
    const running = start([deploymentOf([endpointAt(engine.port)], { keyFile })]);
    const listening = await running.seen('listening');
    expect(listening).toMatchObject({ model: 'llama-3-8b', key: 'secret-key', keyRead: true });
    expect(listening.baseUrl).toBe(`http://127.0.0.1:${listening.port}/v1`);
    expect((await ask(listening.port)).bytes.toString()).toBe('hello');
    expect((await ask(listening.port, '', '::1')).bytes.toString()).toBe('hello');
    expect(running.log.hidden).toEqual(['secret-key']);
    expect(running.log.lines.join()).not.toContain('secret-key');
    await running.stop();
    const again = start([deploymentOf([endpointAt(engine.port)])]);
    expect(await again.seen('listening')).toMatchObject({
      port: listening.port,
      key: undefined,
      keyRead: false,
    });
  });

  test('listens on loopback and nowhere else', async () => {
    const engine = await replica(named('hello'));
    const { port } = await start([deploymentOf([endpointAt(engine.port)])]).seen('listening');
    const addresses = execFileSync('ss', ['-Hltn', `sport = :${port}`], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map((line) => line.split(/\s+/)[3]);
    expect(addresses.toSorted()).toEqual([`127.0.0.1:${port}`, `[::1]:${port}`]);
  });

  test('carries 100 connections at once, byte for byte, in both directions', async () => {
    const engine = await replica(echo);
    const { port } = await start([deploymentOf([endpointAt(engine.port)])]).seen('listening');
    const payloads = Array.from({ length: 100 }, (_, n) => randomBytes(1 + n * 4_001));
    const answers = await Promise.all(payloads.map((payload) => ask(port, payload)));
    answers.forEach((answer, n) => {
      expect(answer.error).toBeUndefined();
      expect(payloads[n]?.equals(answer.bytes)).toBe(true);
    });
  });

  test('a client may end its side first and still gets the whole reply', async () => {
    const engine = await replica((socket) => {
      let size = 0;
      socket.on('data', (chunk: Buffer) => (size += chunk.length));
      socket.on('end', () => setTimeout(() => socket.end(`${size} bytes`), 200));
    });
    const { port } = await start([deploymentOf([endpointAt(engine.port)])]).seen('listening');
    const answer = await ask(port, randomBytes(3_000_000));
    expect(answer).toEqual({ bytes: Buffer.from('3000000 bytes'), error: undefined });
  });

  test('a client that does not read holds back its replica, and the others go on', async () => {
    const block = Buffer.alloc(1 << 16);
    let sent = 0;
    const engine = await replica((socket) => {
      const more = (): void => {
        while (socket.write(block)) sent += block.length;
        sent += block.length;
      };
      socket.on('drain', more);
      more();
    });
    const other = await replica(named('hello'), 0);
    const known = [
      deploymentOf([endpointAt(engine.port)]),
      deploymentOf([endpointAt(other.port)], { deployment: nameOf('other') }),
    ];
    const running = start(known, { kind: 'all' });
    await secondsUntil(() =>
      Promise.resolve(running.events.filter((e) => e.kind === 'listening').length === 2),
    );
    const ports = running.events.flatMap((event) => (event.kind === 'listening' ? [event.port] : []));
    const lazy = connect(ports[0] ?? 0, '127.0.0.1').pause();
    await sleep(1_500);
    const before = sent;
    await sleep(500);
    expect(sent).toBe(before);
    expect(sent).toBeLessThan(64 * 2 ** 20);
    expect((await ask(ports[1] ?? 0)).bytes.toString()).toBe('hello');
    lazy.destroy();
  });

  test('spreads connections over the replicas and passes over one that refuses', async () => {
    const first = await replica(named('first'));
    const second = await replica(named('second'));
    const gone = await freePort();
    const endpoints = [first.port, second.port, gone].map((port, n) => endpointAt(port, { replica: n }));
    const { port } = await start([deploymentOf(endpoints)]).seen('listening');
    for (let n = 0; n < 20; n += 1) expect((await ask(port)).error).toBeUndefined();
    expect(first.accepted()).toBeGreaterThanOrEqual(8);
    expect(second.accepted()).toBeGreaterThanOrEqual(8);
  });

  test('heals after the SSH connection is killed, and cuts what ran through it', async () => {
    const engine = await replica((socket) => {
      socket.write('part of a reply');
      socket.on('end', () => socket.end('done'));
    });
    const running = start([deploymentOf([endpointAt(engine.port)])]);
    const { port } = await running.seen('listening');
    const inFlight = new Promise<string | undefined>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('data', () => {
        signalConnections('SIGKILL');
      });
      socket.on('end', () => resolve('ended as if complete'));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
    expect(await inFlight).toBe('ECONNRESET');
    const took = await secondsUntil(() => says(port, 'part of a replydone'));
    expect(took).toBeLessThan(10);
    expect(await running.seen('healed')).toBeDefined();
  });

  test('a connection that arrives while the host is away waits, and is served when it returns', async () => {
    const engine = await replica(named('hello'));
    const running = start([deploymentOf([endpointAt(engine.port)])]);
    const { port } = await running.seen('listening');
    await login.sshd().stop();
    await running.seen('reconnecting');
    const waiting = ask(port);
    await sleep(4_000);
    await login.startAgain();
    const returned = performance.now();
    expect((await waiting).bytes.toString()).toBe('hello');
    expect(performance.now() - returned).toBeLessThan(10_000);
  });

  test('a connection that nothing can serve within 10 s is reset', async () => {
    const running = start([deploymentOf([endpointAt(await freePort())])]);
    const { port } = await running.seen('listening');
    const started = performance.now();
    expect((await ask(port)).error).toBe('ECONNRESET');
    expect(performance.now() - started).toBeGreaterThan(9_000);
    expect(performance.now() - started).toBeLessThan(12_000);
    expect((await running.seen('turned-away')).because).not.toBe('');
  });

  test('finds out that a connection died silently, and heals', async () => {
    const engine = await replica(named('hello'));
    const running = start([deploymentOf([endpointAt(engine.port)])]);
    const { port } = await running.seen('listening');
    expect(await says(port, 'hello')).toBe(true);
    signalConnections('SIGSTOP');
    const took = await secondsUntil(() => says(port, 'hello'));
    expect(took).toBeLessThan(15);
    expect((await running.seen('reconnecting')).because).toContain('no answer');
  });

  test('follows a job to another port and takes up its new key; the local port stays', async () => {
    const old = await replica(named('old'));
    const fresh = await replica(named('fresh'));
    const keyFile = join(login.home.directory, 'key-of-moving');
    writeFileSync(keyFile, 'key-one\n');
    const running = start([deploymentOf([endpointAt(old.port)], { keyFile })]);
    const { port } = await running.seen('listening');
    expect(await says(port, 'old')).toBe(true);
    await old.close();
    replicas = replicas.filter((other) => other !== old);
    writeFileSync(keyFile, 'key-two\n');
    running.known = [deploymentOf([], { keyFile })];
    const waiting = ask(port);
    await running.seen('waiting-for-endpoint');
    running.known = [deploymentOf([endpointAt(fresh.port, { restart: 1 })], { keyFile })];
    expect((await waiting).bytes.toString()).toBe('fresh');
    expect((await running.seen('key-changed')).key).toBe('key-two');
    expect(running.events.filter((event) => event.kind === 'listening')).toHaveLength(1);
  });

  test('serves every deployment, and those that become ready later', async () => {
    const first = await replica(named('first'));
    const second = await replica(named('second'));
    const a = deploymentOf([endpointAt(first.port)]);
    const b = deploymentOf([], { deployment: nameOf('later') });
    const running = start([a, b], { kind: 'all' });
    const { port } = await running.seen('listening');
    expect(await says(port, 'first')).toBe(true);
    running.known = [a, { ...b, endpoints: [endpointAt(second.port)] }];
    // What makes the tunnel look before its next regular reading: the connection heals.
    signalConnections('SIGKILL');
    await secondsUntil(() =>
      Promise.resolve(running.events.filter((e) => e.kind === 'listening').length === 2),
    );
    const later = running.events.findLast((event) => event.kind === 'listening');
    expect(later).toMatchObject({ deployment: 'later' });
    expect(await says(later?.kind === 'listening' ? later.port : 0, 'second')).toBe(true);
  });

  test('a port that is taken is a failure when it was asked for, and passed over otherwise', async () => {
    const engine = await replica(named('hello'));
    const known = [deploymentOf([endpointAt(engine.port)])];
    const taken = await replica(echo);
    const refused = await start(known, one(taken.port)).ended;
    expect(refused).toEqual({ ok: false, failure: { kind: 'port-in-use', port: taken.port } });
    const first = await start(known).seen('listening');
    const second = await start(known).seen('listening');
    expect(second.port).toBe(first.port + 1);
  });

  test('leaves nothing open when it is stopped, with connections in flight', async () => {
    const engine = await replica((socket) => void socket.write('endless'));
    const running = start([deploymentOf([endpointAt(engine.port)])]);
    const { port } = await running.seen('listening');
    const cut = new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      socket.on('close', () => resolve(true));
      socket.on('data', () => void running.stop());
    });
    expect(await cut).toBe(true);
    expect(await running.stop()).toEqual({ ok: false, failure: { kind: 'interrupted' } });
    expect((await ask(port)).error).toBe('ECONNREFUSED');
    await secondsUntil(() => Promise.resolve(login.sshd().connections().length === 0));
  });
});
