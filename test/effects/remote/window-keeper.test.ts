import { Readable } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { describe, expect, it } from 'vitest';
import { WindowKeeper } from '../../../src/effects/remote/ssh2-internals.ts';

const mebibyte = 2 ** 20;

/** A channel as ssh2 makes it, which counts the window down as its client does. */
class Channel extends Readable {
  readonly incoming = { window: 2 * mebibyte };
  readonly outgoing = { id: 7, state: 'open' };

  constructor() {
    super({ highWaterMark: 64 * mebibyte });
  }

  override _read(): void {
    // Pushed by `receive`.
  }

  receive(bytes: number): void {
    this.incoming.window -= bytes;
    this.push(Buffer.alloc(bytes));
  }
}

function watched(openedInMs: number, keeper?: WindowKeeper): { channel: Channel; granted: number[] } {
  const granted: number[] = [];
  const channelWindowAdjust = (_id: number, amount: number): number => granted.push(amount);
  const channel = new Channel();
  const client = { _protocol: { channelWindowAdjust } } as unknown as Client;
  (keeper ?? new WindowKeeper(client)).watch(channel as unknown as ClientChannel, openedInMs);
  return { channel, granted };
}

describe('WindowKeeper', () => {
  it('refills a channel that no window holds back to the size that it had', () => {
    const { channel, granted } = watched(0);
    for (let sent = 0; sent < 32; sent += 1) channel.receive(mebibyte);
    expect(channel.incoming.window).toBe(2 * mebibyte);
    expect(new Set(granted)).toEqual(new Set([mebibyte]));
  });

  it('widens the window of a channel that uses it up within a few round trips, to 16 MiB and no further', () => {
    const { channel } = watched(60_000);
    const windows = new Set<number>();
    for (let sent = 0; sent < 64; sent += 1) {
      channel.receive(mebibyte);
      channel.read();
      windows.add(channel.incoming.window / mebibyte);
    }
    expect(Math.max(...windows)).toBe(16);
    expect([...windows].filter((size) => [2, 4, 8, 16].includes(size))).toEqual([2, 4, 8, 16]);
  });

  it('grants nothing while its reader takes nothing', () => {
    const { channel, granted } = watched(60_000);
    for (let sent = 0; sent < 64; sent += 1) channel.receive(mebibyte);
    const before = granted.length;
    for (let sent = 0; sent < 16; sent += 1) channel.receive(mebibyte);
    expect(granted.length).toBe(before);
  });

  it('widens eight channels of a connection at most', () => {
    const keeper = new WindowKeeper({ _protocol: { channelWindowAdjust: () => 0 } } as unknown as Client);
    const sizes = Array.from({ length: 9 }, () => {
      const { channel } = watched(60_000, keeper);
      for (let sent = 0; sent < 4; sent += 1) channel.receive(mebibyte);
      return channel.incoming.window;
    });
    expect(sizes.filter((size) => size > 2 * mebibyte)).toHaveLength(8);
  });
});
