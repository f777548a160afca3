import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { quantile } from '../measurement.ts';
import { blockBytes, bulkBytes } from './far-side.ts';

/** Requests and answers of the same size, one after another on every connection. */
export interface RequestLoad {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
}

export interface RequestRates {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const warmUpMs = 300;

/** Runs `load` and measures what comes after the warm-up. */
export async function requests({ port, connections, seconds }: RequestLoad): Promise<RequestRates> {
  const block = Buffer.alloc(blockBytes, 'q');
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const from = performance.now() + warmUpMs;
  const to = from + seconds * 1_000;
  const latencies: number[] = [];
  await Promise.all(sockets.map((socket) => askUntil(socket, block, { from, to, latencies })));
  return {
    perSecond: latencies.length / seconds,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
  };
}

interface Window {
  readonly from: number;
  readonly to: number;
  readonly latencies: number[];
}

function askUntil(socket: Socket, block: Buffer, { from, to, latencies }: Window): Promise<void> {
  return new Promise((resolve, reject) => {
    let missing = block.length;
    let sent = performance.now();
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the tunnel closed a connection')));
    socket.on('data', (chunk) => {
      missing -= chunk.length;
      if (missing > 0) return;
      const now = performance.now();
      if (now > from && now <= to) latencies.push(now - sent);
      if (now > to) {
        socket.removeAllListeners('close').destroy();
        return resolve();
      }
      missing = block.length;
      sent = now;
      socket.write(block);
    });
    socket.write(block);
  });
}

/** MB/s of one connection on which the far side sends all it can. */
export async function bulk(port: number): Promise<number> {
  const socket = await open(port);
  return new Promise((resolve, reject) => {
    let received = 0;
    let started = 0;
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      if (started === 0) started = performance.now();
      received += chunk.length;
    });
    socket.on('close', () => {
      const seconds = (performance.now() - started) / 1_000;
      if (received === bulkBytes) resolve(received / 1e6 / seconds);
      else reject(new Error(`${received} of ${bulkBytes} bytes came`));
    });
  });
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}
