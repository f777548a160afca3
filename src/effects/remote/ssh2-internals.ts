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

/** What a busy channel is granted instead of ssh2's 2 MiB: enough for 800 MB/s at 20 ms. */
const wideWindow = 16 * 2 ** 20;
/** Bytes that a channel has to bring before it counts as busy, so that small answers never grow it. */
const busyAfter = 512 * 2 ** 10;
/** Channels of one connection that may be wide at once: they bound the memory that slow readers can fill. */
const wideChannels = 8;

/** Grants wide windows to busy channels of one connection. */
export class WindowKeeper {
  readonly #client: Internals;
  #wide = 0;

  constructor(client: Client) {
    this.#client = client as unknown as Internals;
  }

  /** Watches a channel's reading side from now on. */
  watch(channel: ClientChannel): void {
    const { incoming, outgoing } = channel as unknown as {
      readonly incoming?: { window?: unknown };
      readonly outgoing?: { readonly id?: unknown; readonly state?: unknown };
    };
    const adjust = this.#client._protocol?.channelWindowAdjust?.bind(this.#client._protocol);
    if (adjust === undefined || typeof incoming?.window !== 'number' || typeof outgoing?.id !== 'number')
      return;
    const id = outgoing.id;
    const push = channel.push.bind(channel);
    let received = 0;
    let wide = false;
    // Not a listener for `data`: that would start the stream before its reader is there.
    channel.push = (chunk: Buffer | null) => {
      const wantsMore = push(chunk);
      received += chunk?.length ?? 0;
      if (chunk === null || !wantsMore || received < busyAfter) return wantsMore;
      if (!wide) {
        if (this.#wide >= wideChannels) return wantsMore;
        wide = true;
        this.#wide++;
        channel.once('close', () => this.#wide--);
      }
      const window = incoming.window as number;
      // ssh2 refills only what is below its own size, so the two never disagree.
      if (window <= wideWindow / 2 && outgoing.state !== 'closed') {
        incoming.window = wideWindow;
        adjust(id, wideWindow - window);
      }
      return wantsMore;
    };
  }
}
