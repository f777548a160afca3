import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { ByteChannel, LocalPort } from '../../../src/core/ports.ts';
import { localPorts } from '../../../src/effects/proxy/local-ports.ts';
import { ask, echo, named, startReplica, type Replica } from '../../support/tunnel-world.ts';

let open: (LocalPort | Replica)[] = [];
afterEach(async () => {
  await Promise.all(open.map((one) => one.close()));
  open = [];
});

interface Relay {
  readonly port: number;
  /** Connections that were joined and are not done. */
  readonly running: () => number;
  readonly signs: () => number;
}

/** A local port in front of a server on this machine: a plain socket is the far side. */
async function relayTo(serve: (socket: Socket) => void): Promise<Relay> {
  const far = await startReplica(serve);
  let running = 0;
  let signs = 0;
  const listening = await localPorts.listen(0, (connection) => {
    const channel = connect({ port: far.port, host: '127.0.0.1', allowHalfOpen: true });
    running += 1;
    void connection
      .join(channel as ByteChannel, () => (signs += 1))
      .then(() => {
        running -= 1;
      });
  });
  if (!listening.ok) throw new Error(listening.failure.kind);
  open.push(listening.value, far);
  return { port: listening.value.port, running: () => running, signs: () => signs };
}

async function eventually(holds: () => boolean): Promise<void> {
  for (let n = 0; !holds(); n += 1) {
    if (n > 500) throw new Error('not within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('carries bytes both ways and counts signs of life', async () => {
  const relay = await relayTo(echo);
  const payload = randomBytes(5_000_000);
  expect((await ask(relay.port, payload)).bytes.equals(payload)).toBe(true);
  expect(relay.signs()).toBeGreaterThan(0);
  await eventually(() => relay.running() === 0);
});

test('256 connections at once', async () => {
  const relay = await relayTo(echo);
  const payloads = Array.from({ length: 256 }, () => randomBytes(20_000));
  const answers = await Promise.all(payloads.map((payload) => ask(relay.port, payload)));
  expect(answers.every((answer, n) => payloads[n]?.equals(answer.bytes))).toBe(true);
  await eventually(() => relay.running() === 0);
});

test('a far side that resets makes the client see a failure, not an end', async () => {
  const relay = await relayTo((socket) => {
    socket.write('part');
    setTimeout(() => socket.resetAndDestroy(), 50);
  });
  expect((await ask(relay.port, 'x')).error).toBe('ECONNRESET');
  await eventually(() => relay.running() === 0);
});

test('a client that goes away in the middle ends the far side too', async () => {
  let ended = false;
  const relay = await relayTo((socket) => {
    const block = Buffer.alloc(65_536);
    const more = (): void => {
      while (!socket.destroyed && socket.write(block));
    };
    socket.on('drain', more).on('close', () => (ended = true));
    more();
  });
  const client = connect(relay.port, '127.0.0.1');
  client.once('data', () => client.resetAndDestroy());
  await eventually(() => ended && relay.running() === 0);
});

test('close aborts what is left, joined or not', async () => {
  const far = await startReplica(() => undefined);
  open.push(far);
  let accepted = 0;
  const listening = await localPorts.listen(0, (connection) => {
    accepted += 1;
    if (accepted === 1) return;
    void connection.join(connect(far.port, '127.0.0.1'), () => undefined);
  });
  if (!listening.ok) throw new Error(listening.failure.kind);
  const clients = [ask(listening.value.port), ask(listening.value.port)];
  await eventually(() => accepted === 2);
  await listening.value.close();
  expect((await Promise.all(clients)).map((seen) => seen.error)).toEqual(['ECONNRESET', 'ECONNRESET']);
});

test('a port that is taken on either address is in use', async () => {
  const relay = await relayTo(named('x'));
  expect(await localPorts.listen(relay.port, () => undefined)).toEqual({
    ok: false,
    failure: { kind: 'port-in-use', port: relay.port },
  });
});

test('connections leave nothing behind', async () => {
  const relay = await relayTo(named('hello'));
  for (let n = 0; n < 20; n += 1) {
    await Promise.all(Array.from({ length: 50 }, () => ask(relay.port, 'x')));
  }
  await eventually(() => relay.running() === 0);
});
