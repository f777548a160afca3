import type { Markers } from './frame.ts';

/** The number after the begin marker is the process group, the one after the end marker the exit status. */
interface MarkerSeen {
  readonly value: number;
}

/** The longest line after a marker: a space, a number and a newline. */
const markerTail = 24;
/** Noise of a login shell that is kept to explain a failure, in bytes. */
const noiseKept = 4096;

/**
 * Takes one output stream of a framed script apart: noise, begin marker, body, end marker. Body bytes are handed to
 * `onBody` as soon as they can't be a part of the end marker.
 */
export class FramedStream {
  readonly #begin: Buffer;
  readonly #end: Buffer;
  readonly #onBody: (bytes: Buffer) => void;
  #pending: Buffer = Buffer.alloc(0);
  #noise = '';
  #begun: MarkerSeen | undefined;
  #ended: MarkerSeen | undefined;

  constructor(markers: Markers, onBody: (bytes: Buffer) => void) {
    this.#begin = Buffer.from(`${markers.begin} `);
    this.#end = Buffer.from(`${markers.end} `);
    this.#onBody = onBody;
  }

  /** The process group of the script, once the begin marker was read. */
  get group(): number | undefined {
    return this.#begun?.value;
  }

  /** The exit status, once the end marker was read. */
  get status(): number | undefined {
    return this.#ended?.value;
  }

  /** What came before the begin marker. */
  get noise(): string {
    return this.#noise + (this.#begun === undefined ? this.#pending.toString('utf8').slice(-noiseKept) : '');
  }

  push(chunk: Buffer): void {
    if (this.#ended !== undefined) return;
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    if (this.#begun === undefined) {
      this.#begun = this.#cut(this.#begin, (noise) => {
        this.#noise = (this.#noise + noise.toString('utf8')).slice(-noiseKept);
      });
    }
    if (this.#begun !== undefined) this.#ended = this.#cut(this.#end, this.#onBody);
  }

  /** Hands on what stands before `marker`, and gives its number where its line is complete. */
  #cut(marker: Buffer, handOn: (bytes: Buffer) => void): MarkerSeen | undefined {
    const at = this.#pending.indexOf(marker);
    const before = at >= 0 ? at : this.#pending.length - partOf(this.#pending, marker);
    if (before > 0) handOn(this.#pending.subarray(0, before));
    this.#pending = this.#pending.subarray(before);
    if (at < 0) return undefined;
    const line = this.#pending.subarray(marker.length, marker.length + markerTail).toString('latin1');
    const number = /^(\d{1,10})\n/.exec(line)?.[1];
    if (number === undefined) return undefined;
    this.#pending = this.#pending.subarray(marker.length + number.length + 1);
    return { value: Number(number) };
  }
}

/** How many bytes at the end of `bytes` may be the beginning of `marker`. */
function partOf(bytes: Buffer, marker: Buffer): number {
  for (let length = Math.min(bytes.length, marker.length - 1); length > 0; length--) {
    if (bytes.subarray(bytes.length - length).equals(marker.subarray(0, length))) return length;
  }
  return 0;
}
