import type { Failure } from '../../core/failure.ts';
import type { Ids, Script, ScriptOutput } from '../../core/ports.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { within } from './deadline.ts';
import { frameScript, killGroupScript, markersOf } from './frame.ts';
import { FramedStream } from './framed-stream.ts';
import type { Connection, RemoteProcess } from './process.ts';

const defaultTimeoutMs = 60_000;
/** How long the end of a script that was given up may take. */
const killTimeoutMs = 5000;
/** More output than this is not an answer of a program that we ask, but an accident. */
const maxOutputBytes = 128 * 2 ** 20;
/** How long the news of a lost connection may lag behind the end of a stream on it. */
const lossLagMs = 1000;

/** The end of one attempt, and the process group that it may have left behind. */
interface Attempt {
  readonly result: Result<ScriptOutput>;
  readonly leftGroup?: number | undefined;
}

/** Runs a script to its end; the same for every adapter. */
export async function runScript(
  connection: Connection,
  script: Script,
  ids: Ids,
): Promise<Result<ScriptOutput>> {
  const { result, leftGroup } = await attempt(connection, script, ids);
  // Process 1 and "every process" are never meant, whatever a garbled begin marker says.
  if (leftGroup !== undefined && leftGroup > 1) {
    const kill = { what: `end ${script.what}`, text: killGroupScript(leftGroup), timeoutMs: killTimeoutMs };
    await attempt(connection, kill, ids);
  }
  return result;
}

async function attempt(connection: Connection, script: Script, ids: Ids): Promise<Attempt> {
  const timeoutMs = script.timeoutMs ?? defaultTimeoutMs;
  const late = `it did not end within ${timeoutMs / 1000} s`;
  const markers = markersOf(ids.base32(26));
  const framed = frameScript(script.text, markers);
  const starting = connection.start(framed.commandLine);
  const started = await within(timeoutMs, starting);
  if (started === undefined) {
    void starting.then((process) => process.ok && process.value.close());
    return { result: givenUp(script, late, '') };
  }
  if (!started.ok) return { result: started };
  const remoteProcess = started.value;
  const output = new Output(remoteProcess, markers);
  remoteProcess.stdin.write(framed.preamble);
  remoteProcess.stdin.end(script.input);
  const outcome = await within(timeoutMs, output.over);
  remoteProcess.close();
  if (outcome !== 'ended') {
    const because = outcome === 'too-much' ? `it printed more than ${maxOutputBytes / 2 ** 20} MiB` : late;
    return { result: givenUp(script, because, output.evidence), leftGroup: output.group };
  }
  const value = output.value;
  if (value !== undefined) return { result: ok(value) };
  return { result: fail(await cutFailure(connection, script.what, output.evidence)) };
}

function givenUp(script: Script, because: string, evidence: string): Result<ScriptOutput> {
  return fail({ kind: 'remote-output', what: script.what, because, evidence });
}

/** Both streams of a framed script, as they fill. */
class Output {
  /** `ended` when both end markers were read or the process is gone: what the script left in the background may hold the streams open. */
  readonly over: Promise<'ended' | 'too-much'>;
  readonly #stdout: Buffer[] = [];
  readonly #stderr: Buffer[] = [];
  readonly #out: FramedStream;
  readonly #err: FramedStream;
  #bytes = 0;

  constructor(remoteProcess: RemoteProcess, markers: { readonly begin: string; readonly end: string }) {
    this.#out = new FramedStream(markers, (body) => this.#keep(this.#stdout, body));
    this.#err = new FramedStream(markers, (body) => this.#keep(this.#stderr, body));
    this.over = new Promise((resolve) => {
      const feed = (stream: FramedStream) => (chunk: Buffer) => {
        stream.push(chunk);
        if (this.#bytes > maxOutputBytes) resolve('too-much');
        else if (this.#out.status !== undefined && this.#err.status !== undefined) resolve('ended');
      };
      remoteProcess.stdout.on('data', feed(this.#out));
      remoteProcess.stderr.on('data', feed(this.#err));
      remoteProcess.stdout.resume();
      remoteProcess.stderr.resume();
      void remoteProcess.ended.then(() => resolve('ended'));
    });
  }

  #keep(list: Buffer[], body: Buffer): void {
    this.#bytes += body.length;
    if (this.#bytes <= maxOutputBytes) list.push(body);
  }

  get group(): number | undefined {
    return this.#out.group;
  }

  /** Undefined while the script has not printed both its end markers. */
  get value(): ScriptOutput | undefined {
    const exitCode = this.#out.status;
    if (exitCode === undefined || this.#err.status === undefined) return undefined;
    return { exitCode, stdout: textOf(this.#stdout), stderr: textOf(this.#stderr) };
  }

  /** The end of whatever was printed, for a message. */
  get evidence(): string {
    const texts = [textOf(this.#stderr), textOf(this.#stdout), this.#err.noise, this.#out.noise];
    return texts.map((text) => text.slice(-500).trim()).find((text) => text !== '') ?? '';
  }
}

function textOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8');
}

/** The failure for output without an end: the connection's where that has ended, else the login shell's. */
export async function cutFailure(connection: Connection, what: string, noise: string): Promise<Failure> {
  const loss = await within(
    lossLagMs,
    connection.lost.then((reason) => ({ reason })),
  );
  if (loss !== undefined) {
    const because = loss.reason ?? 'it was closed while in use';
    return { kind: 'connection-lost', host: connection.host, because };
  }
  const because = 'the shell on the remote ended before the script did';
  return { kind: 'remote-output', what, because, evidence: noise };
}
