import type { Duplex } from 'node:stream';
import type { Log, Prompt, RemoteTarget } from '../../core/ports.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { JumpHop } from '../../core/ssh/expand.ts';
import type * as Library from './ssh2-library.ts';
import { openSocket } from './socket.ts';
import type { OpenClient } from './ssh2-client.ts';
import { WindowKeeper } from './ssh2-internals.ts';
import { readSettings, type SshEnvironment, type SshSettings } from './ssh-settings.ts';

/** What every hop of a chain is opened with. */
export interface ChainNeeds extends SshEnvironment {
  readonly prompt: Prompt | undefined;
  readonly log: Log;
  readonly signal: AbortSignal | undefined;
}

const maxHops = 8;

/** Settings of every host on the way, the nearest first and the target last, each by its own configuration. */
export async function resolveChain(
  target: RemoteTarget,
  where: SshEnvironment,
): Promise<Result<readonly SshSettings[]>> {
  const settings = await readSettings(target, where);
  if (!settings.ok) return settings;
  const chain: SshSettings[] = [settings.value];
  let pending: readonly JumpHop[] = settings.value.jumps;
  while (pending.length > 0) {
    // Like `ssh -J a,b`: b is reached through a, so only the nearest hop's own ProxyJump is looked at.
    const [nearest, ...others] = [...pending].reverse();
    if (nearest === undefined) break;
    if (chain.length > maxHops) {
      const message = `The ssh configuration of "${target.host}" leads through more than ${maxHops} jump hosts.`;
      return fail({ kind: 'usage', message, hint: 'Check ProxyJump for a circle.' });
    }
    const hop = await readSettings({ transport: 'ssh2', configFile: target.configFile, ...nearest }, where);
    if (!hop.ok) return hop;
    chain.unshift(hop.value);
    pending = others.length > 0 ? others.reverse() : hop.value.jumps;
  }
  return ok(chain);
}

/** Connects through all hops of a chain; gives the clients, the target last. Nothing stays open after a failure. */
export async function openChain(
  chain: readonly SshSettings[],
  needs: ChainNeeds,
): Promise<Result<readonly OpenClient[]>> {
  const [first] = chain;
  if (first === undefined) throw new Error('a chain has at least its target');
  // The TCP connection is under way while ssh2 is being loaded, which blocks: the first packet has to leave before.
  const connecting = openSocket(first, needs.signal);
  await new Promise(setImmediate);
  const ssh2 = await import('./ssh2-library.ts');
  const opened: OpenClient[] = [];
  const closeAll = () => {
    for (const client of opened.reverse()) client.close();
  };
  for (const settings of chain) {
    const client = await openHop(settings, opened.at(-1), { ...needs, ssh2, connecting });
    if (!client.ok) {
      closeAll();
      return client;
    }
    opened.push(client.value);
  }
  return ok(opened);
}

async function openHop(
  settings: SshSettings,
  through: OpenClient | undefined,
  needs: ChainNeeds & { readonly ssh2: typeof Library; readonly connecting: ReturnType<typeof openSocket> },
): Promise<Result<OpenClient>> {
  const [known, stream] = await Promise.all([
    needs.ssh2.readKnownHosts(settings),
    through === undefined ? needs.connecting : openStream(through, settings),
  ]);
  if (!known.ok || !stream.ok) {
    if (stream.ok) stream.value.destroy();
    return known.ok ? (stream as Result<never>) : known;
  }
  const { library, openClient } = needs.ssh2;
  return openClient(settings, stream.value, { ...needs, library, known: known.value });
}

/** A stream to the next host through a jump host. */
function openStream(through: OpenClient, next: SshSettings): Promise<Result<Duplex>> {
  wake(through);
  const asked = performance.now();
  return new Promise((resolve) => {
    const refuse = (error: Error) => {
      const because = `the jump host "${through.settings.host}" could not reach it: ${error.message}`;
      resolve(fail({ kind: 'unreachable', host: next.host, because }));
    };
    try {
      through.client.forwardOut('127.0.0.1', 0, next.hostName, next.port, (error, channel) => {
        if (error !== undefined) return refuse(error);
        new WindowKeeper(through.client).watch(channel, performance.now() - asked);
        channel.on('error', () => undefined);
        // Unlike a socket, a channel stays half open, and ssh2 would wait for its end for ever.
        channel.once('end', () => channel.destroy());
        resolve(ok(channel));
      });
    } catch (error) {
      refuse(error as Error);
    }
  });
}

/**
 * Opens and leaves a session. OpenSSH's server sets TCP_NODELAY on its side only once a session was asked for; without
 * it, forwarded requests stall for 40 ms each (facts: docs/decisions/0011). Nobody waits for the answer.
 */
export function wake({ client }: OpenClient): void {
  try {
    client.exec('exit', (error, channel) => {
      if (error !== undefined) return;
      channel.on('error', () => undefined);
      channel.resume();
      channel.stderr.resume();
    });
  } catch {
    // The connection has just ended, which whoever uses it will see.
  }
}
