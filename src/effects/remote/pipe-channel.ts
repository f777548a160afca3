import type { ByteChannel } from '../../core/ports.ts';
import { within } from './deadline.ts';
import type { SshProcess } from './openssh-master.ts';

/** How long the news of a lost connection may lag behind the end of a stream on it. */
const lossLagMs = 50;

/** A byte stream through an `ssh -W` process. */
export class PipeChannel implements ByteChannel {
  readonly #process: SshProcess;
  readonly #endListeners: (() => void)[] = [];
  readonly #closeListeners: (() => void)[] = [];
  readonly #errorListeners: ((error: Error) => void)[] = [];

  constructor(process: SshProcess, lost: Promise<string | undefined>) {
    this.#process = process;
    process.stderr.resume();
    process.stdout.once('end', () => void this.#ended(lost));
    void process.exited.then(() => {
      for (const listener of this.#closeListeners) listener();
    });
  }

  /** A stream that was cut must not look like one that has ended. ssh itself ends with status 0 either way. */
  async #ended(lost: Promise<string | undefined>): Promise<void> {
    const cut = await within(
      lossLagMs,
      lost.then(() => true),
    );
    if (cut !== true) for (const listener of this.#endListeners) listener();
    else for (const listener of this.#errorListeners) listener(new Error('the SSH connection was lost'));
  }

  write(chunk: Uint8Array): boolean {
    return this.#process.stdin.write(chunk);
  }

  end(): void {
    this.#process.stdin.end();
  }

  destroy(): void {
    this.#process.kill();
    this.#process.stdin.destroy();
    this.#process.stdout.resume();
  }

  pause(): void {
    this.#process.stdout.pause();
  }

  resume(): void {
    this.#process.stdout.resume();
  }

  on(event: string, listener: (argument: never) => void): void {
    const { stdin, stdout } = this.#process;
    if (event === 'data') stdout.on('data', listener as (chunk: Uint8Array) => void);
    else if (event === 'drain') stdin.on('drain', listener as () => void);
    else if (event === 'end') this.#endListeners.push(listener as () => void);
    else if (event === 'close') this.#closeListeners.push(listener as () => void);
    else this.#errorListeners.push(listener as (error: Error) => void);
  }
}
