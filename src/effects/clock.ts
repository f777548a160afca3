import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../core/ports.ts';

/** The system's clocks. */
export const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    if (signal?.aborted === true) return;
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch {
      // Aborted: sleeping ends early, which is what was asked for.
    }
  },
};
