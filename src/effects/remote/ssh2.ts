import type { ClientChannel } from 'ssh2';
import type { ByteChannel, Ids, Remote, RemoteTarget } from '../../core/ports.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { within } from './deadline.ts';
import { followScript } from './follow-script.ts';
import { openChain, resolveChain, wake, type ChainNeeds } from './jump.ts';
import type { Connection, RemoteProcess } from './process.ts';
import { runScript } from './run-script.ts';
import { Slots } from './slots.ts';
import type { OpenClient } from './ssh2-client.ts';
import { WindowKeeper } from './ssh2-internals.ts';

/** Scripts at once: sshd's MaxSessions is 10, and a session lingers for a moment after its end. */
const maxScripts = 5;
/** Milliseconds to wait before a refused session is asked for again. */
const sessionRetries = [100, 200, 400, 800, 1600];
const forwardTimeoutMs = 20_000;

/** Connects with the ssh2 library: no process, one connection for everything. */
export async function openSsh2(
  target: RemoteTarget,
  needs: ChainNeeds & { readonly ids: Ids },
): Promise<Result<Remote>> {
  const chain = await resolveChain(target, needs);
  if (!chain.ok) return chain;
  const clients = await openChain(chain.value, needs);
  if (!clients.ok) return clients;
  const last = clients.value.at(-1);
  if (last === undefined) throw new Error('a chain has at least its target');
  return ok(new Ssh2Remote(last, clients.value, needs.ids));
}

class Ssh2Remote implements Remote {
  readonly host: string;
  readonly lost: Promise<string | undefined>;
  readonly #clients: readonly OpenClient[];
  readonly #last: OpenClient;
  readonly #connection: Connection;
  readonly #ids: Ids;
  readonly #slots = new Slots(maxScripts);
  readonly #windows: WindowKeeper;
  readonly #forwards = new Set<ClientChannel>();
  #awake = false;

  constructor(last: OpenClient, clients: readonly OpenClient[], ids: Ids) {
    this.host = last.settings.host;
    this.#last = last;
    this.#clients = clients;
    this.#ids = ids;
    this.#windows = new WindowKeeper(last.client);
    this.lost = this.#firstLoss();
    this.#connection = { host: this.host, lost: this.lost, start: (line) => this.#start(line) };
    // A stream that is cut must not look like one that has ended: whoever reads it gets an error first.
    last.client.on('close', () => {
      for (const channel of this.#forwards) {
        if (channel.listenerCount('error') > 0)
          channel.emit('error', new Error('the SSH connection was lost'));
      }
    });
  }

  /** The hop that was lost first takes the others down: its reason is the one to tell. */
  async #firstLoss(): Promise<string | undefined> {
    const reason = await this.#last.lost;
    if (reason === undefined || this.#clients.length === 1) return reason;
    const hops = this.#clients.slice(0, -1).map(async (hop) => {
      const why = await hop.lost;
      return why === undefined
        ? undefined
        : `the connection to the jump host "${hop.settings.host}" ended: ${why}`;
    });
    return (await within(100, Promise.race(hops))) ?? reason;
  }

  run: Remote['run'] = (script) => this.#slots.use(() => runScript(this.#connection, script, this.#ids));

  follow: Remote['follow'] = (script, signal) => followScript(this.#connection, script, this.#ids, signal);

  async forward(host: string, port: number): Promise<Result<ByteChannel>> {
    if (!this.#awake) wake(this.#last);
    this.#awake = true;
    const target = `${host}:${port}`;
    const opening = this.#openForward(host, port, target);
    const opened = await within(forwardTimeoutMs, opening);
    if (opened !== undefined) return opened;
    void opening.then((late) => late.ok && late.value.destroy());
    const because = `no answer from there within ${forwardTimeoutMs / 1000} s`;
    return fail({ kind: 'forward-refused', target, because });
  }

  #openForward(host: string, port: number, target: string): Promise<Result<ByteChannel>> {
    const asked = performance.now();
    return new Promise((resolve) => {
      try {
        this.#last.client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
          if (error !== undefined) {
            const refused = channelReason(error) !== undefined;
            const because = error.message.replace(/^\(SSH\) Channel open failure: /, '');
            resolve(
              refused ? fail({ kind: 'forward-refused', target, because }) : this.#lostFailure(because),
            );
            return;
          }
          this.#forwards.add(channel);
          channel.once('close', () => this.#forwards.delete(channel));
          this.#windows.watch(channel, performance.now() - asked);
          resolve(ok(channel));
        });
      } catch (error) {
        resolve(this.#lostFailure((error as Error).message));
      }
    });
  }

  async #start(commandLine: string): Promise<Result<RemoteProcess>> {
    this.#awake = true;
    for (const delay of [...sessionRetries, undefined]) {
      const opened = await this.#exec(commandLine);
      if (!(opened instanceof Error)) return ok(processOf(opened));
      // No reason code: the connection has ended, or the server refuses to execute anything at all.
      if (channelReason(opened) === undefined) return this.#lostFailure(opened.message);
      if (delay === undefined) {
        const because = `it refuses another session (${opened.message})`;
        return fail({ kind: 'unreachable', host: this.host, because });
      }
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
    throw new Error('the loop above always returns');
  }

  #exec(commandLine: string): Promise<ClientChannel | Error> {
    return new Promise((resolve) => {
      try {
        this.#last.client.exec(commandLine, (error, channel) => resolve(error ?? channel));
      } catch (error) {
        resolve(error as Error);
      }
    });
  }

  #lostFailure(because: string): Result<never> {
    return fail({ kind: 'connection-lost', host: this.host, because });
  }

  async close(): Promise<void> {
    for (const client of [...this.#clients].reverse()) client.close();
    const ended = Promise.all(this.#clients.map((client) => client.lost));
    // A host that no longer answers is not waited for.
    if ((await within(1000, ended)) === undefined) for (const { client } of this.#clients) client.destroy();
  }
}

/** The reason code of RFC 4254 §5.1 with which a server refused a channel. */
function channelReason(error: Error): number | undefined {
  const { reason } = error as { readonly reason?: unknown };
  return typeof reason === 'number' ? reason : undefined;
}

function processOf(channel: ClientChannel): RemoteProcess {
  channel.on('error', () => undefined);
  channel.stderr.on('error', () => undefined);
  return {
    stdin: channel,
    stdout: channel,
    stderr: channel.stderr,
    ended: new Promise((resolve) => channel.once('close', () => resolve())),
    close: () => {
      channel.close();
      // What still arrives is thrown away: ssh2 announces the end of a channel only after its last byte was read.
      channel.resume();
      channel.stderr.resume();
    },
  };
}
