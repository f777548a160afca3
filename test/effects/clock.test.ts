import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { clock } from '../../src/effects/clock.ts';

describe('sleep', () => {
  it('ends when its signal aborts, and leaves no listener behind', async () => {
    const abort = new AbortController();
    const began = clock.monotonic();
    const slept = clock.sleep(60_000, abort.signal);
    abort.abort();
    await slept;
    await clock.sleep(60_000, abort.signal);
    expect(clock.monotonic() - began).toBeLessThan(5000);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
  });

  it('lasts as long as it says', async () => {
    const { signal } = new AbortController();
    const began = clock.monotonic();
    await clock.sleep(30, signal);
    expect(clock.monotonic() - began).toBeGreaterThanOrEqual(29);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
