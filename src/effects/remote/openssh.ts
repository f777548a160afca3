import type { Failure } from '../../core/failure.ts';
import type { ByteChannel, Ids, Prompt, Remote, RemoteTarget } from '../../core/ports.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { within } from './deadline.ts';
import { followScript } from './follow-script.ts';
import { connectFailure, isDebug, lastWords } from './openssh-errors.ts';
import {
  clientArguments,
  controlPath,
  masterArguments,
  startSsh,
  type SshProcess,
} from './openssh-master.ts';
import { PipeChannel } from './pipe-channel.ts';
import type { Connection, RemoteProcess } from './process.ts';
import { runScript } from './run-script.ts';
import { Slots } from './slots.ts';
import { readOptions, type SshEnvironment } from './ssh-settings.ts';

/** Scripts at once: sshd's MaxSessions is 10, the master holds one, and a session lingers for a moment after its end. */
const maxScripts = 5;
/** Milliseconds to wait before a refused session is asked for again. */
const sessionRetries = [100, 200, 400, 800, 1600];
const forwardTimeoutMs = 20_000;
/** How long ssh may take to connect when it can't ask anybody. */
const unattendedTimeoutMs = 120_000;
/** Characters of ssh's own messages that are kept. */
const messagesKept = 16_000;

/** Connects with the system's ssh: for certificates, hardware keys, GSSAPI and whatever else its configuration says. */
export async function openOpenSsh(
  target: RemoteTarget,
  needs: SshEnvironment & {
    readonly ids: Ids;
    readonly prompt: Prompt | undefined;
    readonly signal: AbortSignal | undefined;
  },
): Promise<Result<Remote>> {
  const config = await readOptions(target, needs);
  if (!config.ok) return config;
  const socket = await controlPath(needs.ids, needs.environment);
  if (!socket.ok) return socket;
  const args = masterArguments(target, config.value, socket.value, needs.prompt !== undefined);
  const master = new Master(startSsh(args));
  const failure = await master.connect(target.host, needs);
  if (failure !== undefined) return fail(failure);
  return ok(new OpenSshRemote(target.host, socket.value, master, needs.ids));
}

const noProgram: Failure = {
  kind: 'usage',
  message: 'The program "ssh" can\'t be started.',
  hint: 'Install OpenSSH\'s client, or set "transport: ssh2" in the cluster\'s profile.',
};

/** The ssh process that holds the connection, and what it says. */
class Master {
  readonly process: SshProcess;
  readonly #ready: Promise<'ready'>;
  messages = '';

  constructor(process: SshProcess) {
    this.process = process;
    this.#ready = new Promise((resolve) => {
      let out = '';
      process.stdout.on('data', (chunk: Buffer) => {
        out = (out + chunk.toString('utf8')).slice(-messagesKept);
        if (/^ready$/m.test(out)) resolve('ready');
      });
    });
    process.stderr.on('data', (chunk: Buffer) => {
      this.messages = (this.messages + chunk.toString('utf8')).slice(-messagesKept);
    });
  }

  /** Waits until the connection is there; gives the failure when there will be none. */
  async connect(
    host: string,
    needs: { readonly prompt: Prompt | undefined; readonly signal: AbortSignal | undefined },
  ): Promise<Failure | undefined> {
    const { signal, prompt } = needs;
    const { process } = this;
    signal?.addEventListener('abort', process.kill, { once: true });
    if (signal?.aborted === true) process.kill();
    const ended = Promise.race([this.#ready, process.exited]);
    const status = prompt === undefined ? await within(unattendedTimeoutMs, ended) : await ended;
    signal?.removeEventListener('abort', process.kill);
    if (status === 'ready') return undefined;
    process.kill();
    if (signal?.aborted === true) return { kind: 'interrupted' };
    if (status === -1) return noProgram;
    return connectFailure(host, status === undefined ? 'Connection timed out' : this.messages);
  }

  /** Why the far side refused the newest channel, as far as is known: the words come on the master's stderr. */
  get refusal(): string {
    return (
      [...this.messages.matchAll(/open failed: ([^\r\n]+)/g)].at(-1)?.[1] ??
      'the far side refused the connection'
    );
  }
}

class OpenSshRemote implements Remote {
  readonly host: string;
  readonly lost: Promise<string | undefined>;
  readonly #arguments: readonly string[];
  readonly #master: Master;
  readonly #connection: Connection;
  readonly #ids: Ids;
  readonly #slots = new Slots(maxScripts);
  readonly #open = new Set<SshProcess>();
  #ended = false;
  #closing = false;

  constructor(host: string, socket: string, master: Master, ids: Ids) {
    this.host = host;
    this.#arguments = clientArguments(socket, host);
    this.#master = master;
    this.#ids = ids;
    this.lost = master.process.exited.then(() => {
      this.#ended = true;
      return this.#closing ? undefined : lastWords(master.messages);
    });
    this.#connection = { host, lost: this.lost, start: (line) => this.#start(line) };
  }

  run: Remote['run'] = (script) => this.#slots.use(() => runScript(this.#connection, script, this.#ids));

  follow: Remote['follow'] = (script, signal) => followScript(this.#connection, script, this.#ids, signal);

  async forward(host: string, port: number): Promise<Result<ByteChannel>> {
    const target = `${host}:${port}`;
    const address = host.includes(':') ? `[${host}]:${port}` : target;
    const client = await this.#client(['-W', address], []);
    if (client.kind === 'opened') return ok(new PipeChannel(client.process, this.lost));
    if (client.kind === 'lost') return this.#lostFailure();
    return fail({ kind: 'forward-refused', target, because: client.because });
  }

  async #start(commandLine: string): Promise<Result<RemoteProcess>> {
    for (const delay of [...sessionRetries, undefined]) {
      const client = await this.#client([], [commandLine]);
      if (client.kind === 'opened') return ok(processOf(client.process));
      if (client.kind === 'lost') return this.#lostFailure();
      if (delay === undefined) break;
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
    return fail({ kind: 'unreachable', host: this.host, because: 'it refuses another session' });
  }

  /** Starts an ssh that uses the connection, and waits until the far side has agreed. */
  async #client(options: readonly string[], command: readonly string[]): Promise<Opening> {
    if (this.#ended || this.#closing) return { kind: 'lost' };
    const process = startSsh([...options, ...this.#arguments, ...command]);
    this.#open.add(process);
    void process.exited.then(() => this.#open.delete(process));
    const opening = await within(forwardTimeoutMs, openingOf(process));
    if (opening === 'agreed') return { kind: 'opened', process };
    process.kill();
    if (opening === undefined) {
      return { kind: 'refused', because: `no answer from there within ${forwardTimeoutMs / 1000} s` };
    }
    // A master that is gone refuses nothing; the news of its end may lag a little behind.
    if (!opening.messages.includes('refused by peer')) return { kind: 'lost' };
    return { kind: 'refused', because: this.#master.refusal };
  }

  async #lostFailure(): Promise<Result<never>> {
    const reason = await within(1000, this.lost);
    return fail({ kind: 'connection-lost', host: this.host, because: reason ?? 'it was closed' });
  }

  async close(): Promise<void> {
    this.#closing = true;
    for (const process of this.#open) process.kill();
    // The master leaves once nobody uses it; on SIGTERM it says goodbye and removes its socket.
    this.#master.process.stdin.end();
    this.#master.process.kill();
    await within(2000, this.lost);
  }
}

type Opening =
  | { readonly kind: 'opened'; readonly process: SshProcess }
  | { readonly kind: 'refused'; readonly because: string }
  | { readonly kind: 'lost' };

/**
 * Waits for ssh's note (`-v`) that the master has opened the session or the stream: the only sign of success before
 * data flows. What else stands on stderr by then is put back, without ssh's own notes.
 */
function openingOf(process: SshProcess): Promise<'agreed' | { readonly messages: string }> {
  return new Promise((resolve) => {
    let seen = Buffer.alloc(0);
    const look = (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk]);
      const text = seen.toString('latin1');
      if (!/master session id: \d+\r?\n/.test(text)) return;
      process.stderr.removeListener('data', look);
      process.stderr.pause();
      const others = text.split(/(?<=\n)/).filter((line) => !isDebug(line));
      if (others.length > 0) process.stderr.unshift(Buffer.from(others.join(''), 'latin1'));
      resolve('agreed');
    };
    process.stderr.on('data', look);
    void process.exited.then(() => resolve({ messages: seen.toString('utf8') }));
  });
}

function processOf(process: SshProcess): RemoteProcess {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    ended: process.exited.then(() => undefined),
    close: () => {
      // The master passes the end of stdin on, and closes the channel when its client is gone.
      process.stdin.destroy();
      process.kill();
      process.stdout.resume();
      process.stderr.resume();
    },
  };
}
