import type { Socket } from 'node:net';
import type { ByteChannel } from '../../core/ports.ts';

/** A running exchange between a local socket and the far side. */
export interface Pump {
  /** Resolves when both sides are done with. */
  readonly done: Promise<void>;
  /** Ends both sides at once. */
  abort(): void;
}

/**
 * Carries bytes both ways. Written out instead of `pipe`, which costs a third of the requests per second: a chunk
 * is handed over in the tick in which it came, and a side that can't take more pauses the other.
 *
 * The end of one direction is passed on and leaves the other open. A failure of one side destroys the other:
 * the local one by a reset, so that a reply which was cut never looks like one that ended.
 */
export function pump(local: Socket, far: ByteChannel, onProgress: () => void): Pump {
  let localEnded = false;
  let farEnded = false;
  let farClosed = false;

  const closeFar = (): void => {
    if (farClosed) return;
    farClosed = true;
    // An SSH channel reports its close only after its data was read.
    far.resume();
    far.destroy();
  };
  const abort = (): void => {
    closeFar();
    local.resetAndDestroy();
  };

  local.on('data', (chunk: Uint8Array) => {
    if (!farClosed && !far.write(chunk)) local.pause();
  });
  local.on('end', () => {
    localEnded = true;
    if (!farClosed) far.end();
  });
  far.on('drain', () => {
    onProgress();
    local.resume();
  });
  far.on('data', (chunk) => {
    onProgress();
    if (!local.destroyed && !local.write(chunk)) far.pause();
  });
  local.on('drain', () => far.resume());
  far.on('end', () => {
    farEnded = true;
    // A lost SSH connection ends its channels too: whoever knows that it was lost has this tick to call `abort`.
    setImmediate(() => local.end());
  });
  far.on('close', () => {
    farClosed = true;
    setImmediate(() => {
      if (farEnded) local.destroySoon();
      else local.resetAndDestroy();
    });
  });
  far.on('error', abort);

  const done = new Promise<void>((resolve) => {
    local.on('close', () => {
      // After its end, what the client sent may still be on the way; the far side closes when it has it.
      if (!localEnded) closeFar();
      resolve();
    });
  });
  far.resume();
  if (local.destroyed) abort();
  else local.resume();
  return { done: local.destroyed ? Promise.resolve() : done, abort };
}
