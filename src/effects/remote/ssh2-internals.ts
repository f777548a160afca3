import type { Client, ClientChannel } from 'ssh2';

/*
 * ssh2 1.17 has no public way to two things that are needed here (docs/decisions/0011): the server's answer to an
 * attempt that went through an agent, and the size of a channel's window. Both are read from its objects, checked for
 * their shape first; with another version that looks different, the first costs one more attempt and the second speed.
 */

type Handler = (protocol: unknown, methods: readonly string[], partial: boolean) => void;

interface Internals {
  readonly _protocol?: {
    readonly _handlers?: Record<string, unknown>;
    readonly channelWindowAdjust?: (id: number, amount: number) => void;
  };
}

/**
 * Calls `listener` with the server's answer to every attempt to authenticate, before ssh2 acts on it.
 * False where this ssh2 has not what is needed for it.
 */
export function onAuthenticationAnswer(
  client: Client,
  listener: (methods: readonly string[], partial: boolean) => void,
): boolean {
  const handlers = (client as unknown as Internals)._protocol?._handlers;
  const handle = handlers?.['USERAUTH_FAILURE'];
  if (handlers === undefined || typeof handle !== 'function') return false;
  handlers['USERAUTH_FAILURE'] = ((protocol, methods, partial) => {
    listener(methods, partial);
    (handle as Handler)(protocol, methods, partial);
  }) satisfies Handler;
  return true;
}

/** The window that ssh2 gives every channel, and the size below which it would refill it itself. */
const ownWindow = 2 * 2 ** 20;
/** The widest window: enough for 800 MB/s at 20 ms. */
const widestWindow = 16 * 2 ** 20;
/** Channels of one connection that may be wide at once: they bound the memory that slow readers can fill. */
const wideChannels = 8;

/**
 * Widens the windows of those channels of one connection that a window holds back, and of no others: on a short way a wide
 * window brings nothing but buffers that no longer fit into a cache, here and in sshd.
 */
export class WindowKeeper {
  readonly #client: Internals;
  #wide = 0;
  #roundTripMs = Infinity;

  constructor(client: Client) {
    this.#client = client as unknown as Internals;
  }

  /** Watches a channel's reading side from now on. It took `openedInMs` to open: a round trip, or more. */
  watch(channel: ClientChannel, openedInMs: number): void {
    this.#roundTripMs = Math.min(this.#roundTripMs, openedInMs);
    const { incoming, outgoing } = channel as unknown as {
      readonly incoming?: { window?: unknown };
      readonly outgoing?: { readonly id?: unknown; readonly state?: unknown };
    };
    const adjust = this.#client._protocol?.channelWindowAdjust?.bind(this.#client._protocol);
    if (adjust === undefined || typeof incoming?.window !== 'number' || typeof outgoing?.id !== 'number')
      return;
    const id = outgoing.id;
    const push = channel.push.bind(channel);
    let size = ownWindow;
    let [refilledAt, refilledBefore] = [-Infinity, -Infinity];
    // Not a listener for `data`: that would start the stream before its reader is there.
    channel.push = (chunk: Buffer | null) => {
      const wantsMore = push(chunk);
      const window = incoming.window as number;
      if (!wantsMore || window > size / 2 || outgoing.state === 'closed') return wantsMore;
      const now = performance.now();
      // Two refills are a whole window. A flow that is held back takes one round trip for it, and a round trip under load is up to
      // four times as long as the shortest one that was seen.
      if (now - refilledBefore < 4 * this.#roundTripMs) size = this.#widened(size, channel);
      [refilledAt, refilledBefore] = [now, refilledAt];
      // ssh2 refills only what is below its own size, so the two never disagree.
      incoming.window = size;
      adjust(id, size - window);
      return wantsMore;
    };
  }

  #widened(size: number, channel: ClientChannel): number {
    if (size === widestWindow) return size;
    if (size === ownWindow) {
      if (this.#wide >= wideChannels) return size;
      this.#wide++;
      channel.once('close', () => this.#wide--);
    }
    return size * 2;
  }
}
