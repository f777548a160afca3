import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SshSocket } from '../../../src/effects/remote/ssh-socket.ts';

let near: SshSocket;
let far: Socket;
beforeEach(async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  near = new SshSocket();
  near.connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(near, 'connect');
  [far] = await accepted;
  server.close();
});
afterEach(() => {
  near.destroy();
  far.destroy();
});

test('writes of one round of events leave together', async () => {
  for (const text of ['a', 'b', 'c']) near.write(Buffer.from(text));
  expect(near.writableCorked).toBe(1);
  const [chunk] = (await once(far, 'data')) as [Buffer];
  expect(chunk.toString()).toBe('abc');
  expect(near.writableCorked).toBe(0);
});

test('what comes before anybody listens is kept, and later bytes never overwrite earlier ones', async () => {
  const sent = Buffer.from(Array.from({ length: 5_000_000 }, (_, n) => n % 251));
  far.end(sent);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const chunks: Buffer[] = [];
  near.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(near, 'end');
  expect(Buffer.concat(chunks).equals(sent)).toBe(true);
});
