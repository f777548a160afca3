import { StringDecoder } from 'node:string_decoder';
import type { Ids, Script } from '../../core/ports.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { frameFollowed, markersOf } from './frame.ts';
import { FramedStream } from './framed-stream.ts';
import type { Connection, RemoteProcess } from './process.ts';
import { cutFailure } from './run-script.ts';

/** Bytes that may wait for the reader before the stream is paused. */
const highWater = 2 ** 20;
/** Characters of stderr that are kept for a message. */
const stderrKept = 4000;

/** Runs a script and yields its stdout as it comes; the same for every adapter. */
export async function* followScript(
  connection: Connection,
  script: Script,
  ids: Ids,
  signal: AbortSignal,
): AsyncGenerator<string, Result<undefined>> {
  if (script.input !== undefined)
    throw new Error('a followed script has no input: its stdin tells it when to end');
  const aborted = () => signal.aborted;
  if (aborted()) return ok(undefined);
  const markers = markersOf(ids.base32(26));
  const framed = frameFollowed(script.text, markers);
  const started = await connection.start(framed.commandLine);
  if (!started.ok) return started;
  const followed = new Followed(started.value, markers);
  // stdin stays open: its end is what tells the remote side to stop.
  started.value.stdin.write(framed.preamble);
  const stop = () => followed.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      // The signal may have aborted while the process was being started.
      if (aborted()) return ok(undefined);
      const text = await followed.next();
      if (text === undefined) break;
      yield text;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    followed.stop();
  }
  if (aborted()) return ok(undefined);
  const { status, stderr } = followed;
  if (status === undefined) return fail(await cutFailure(connection, script.what, stderr));
  if (status === 0) return ok(undefined);
  return fail({ kind: 'remote-command', what: script.what, exitCode: status, stderr });
}

/** The output of a script that is being followed: what has come and was not read yet. */
class Followed {
  readonly #process: RemoteProcess;
  readonly #out: FramedStream;
  readonly #err: FramedStream;
  readonly #decoder = new StringDecoder('utf8');
  #text = '';
  #stderr = '';
  #over = false;
  #wake: () => void = () => undefined;

  constructor(remoteProcess: RemoteProcess, markers: { readonly begin: string; readonly end: string }) {
    this.#process = remoteProcess;
    this.#out = new FramedStream(markers, (body) => {
      this.#text += this.#decoder.write(body);
    });
    this.#err = new FramedStream(markers, (body) => {
      this.#stderr = (this.#stderr + body.toString('utf8')).slice(-stderrKept);
    });
    remoteProcess.stdout.on('data', (chunk: Buffer) => {
      this.#out.push(chunk);
      if (this.#text.length > highWater) remoteProcess.stdout.pause();
      this.#look();
    });
    remoteProcess.stderr.on('data', (chunk: Buffer) => {
      this.#err.push(chunk);
      this.#look();
    });
    remoteProcess.stdout.resume();
    remoteProcess.stderr.resume();
    void remoteProcess.ended.then(() => this.#finish());
  }

  /** The text that has come since the last call; undefined when there will be no more. */
  async next(): Promise<string | undefined> {
    while (this.#text === '' && !this.#over) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const text = this.#text;
    this.#text = '';
    this.#process.stdout.resume();
    return text === '' ? undefined : text;
  }

  get status(): number | undefined {
    return this.#out.status;
  }

  get stderr(): string {
    return (this.#stderr || this.#err.noise || this.#out.noise).trim();
  }

  stop(): void {
    this.#process.close();
    this.#finish();
  }

  #look(): void {
    if (this.#out.status !== undefined && this.#err.status !== undefined) this.#finish();
    this.#wake();
  }

  #finish(): void {
    if (!this.#over) this.#text += this.#decoder.end();
    this.#over = true;
    this.#wake();
  }
}
