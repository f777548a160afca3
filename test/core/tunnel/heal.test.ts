import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Failure } from '../../../src/core/failure.ts';
import { attemptTimeoutMs, heal, type LinkState } from '../../../src/core/tunnel/heal.ts';

const connected: LinkState = { kind: 'connected', since: 0 };
const unreachable: Failure = { kind: 'unreachable', host: 'login', because: 'no route' };
const rejected: Failure = { kind: 'authentication', host: 'login', user: 'alice', tried: ['publickey'] };
const changedKey: Failure = {
  kind: 'host-key-refused',
  host: 'login',
  fingerprint: 'SHA256:x',
  reason: 'changed',
  where: 'known_hosts:1',
};

const lost = heal(connected, { kind: 'lost', because: 'reset' }, 5);
const failing = (state: LinkState, failure: Failure): LinkState =>
  heal(state, { kind: 'attempt-failed', failure }, 9);
const delayOf = (state: LinkState): number | undefined =>
  state.kind === 'reconnecting' ? state.delayMs : undefined;

test('a lost connection is tried again at once', () => {
  expect(lost).toMatchObject({ kind: 'reconnecting', attempt: 1, delayMs: 0, since: 5, because: 'reset' });
});

test('that a lost connection is lost again changes nothing', () => {
  expect(heal(lost, { kind: 'lost', because: 'other' }, 8)).toBe(lost);
});

test('attempts become rarer up to one in three seconds', () => {
  const delays: (number | undefined)[] = [];
  let state = lost;
  for (let n = 0; n < 7; n += 1) {
    state = failing(state, unreachable);
    delays.push(delayOf(state));
  }
  expect(delays).toEqual([250, 500, 1_000, 2_000, 3_000, 3_000, 3_000]);
});

test('however long the network was away, it is met within 10 s of its return', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000 }), (failures) => {
      let state = lost;
      for (let n = 0; n < failures; n += 1) state = failing(state, unreachable);
      const connectMs = 1_000;
      expect(state.kind).toBe('reconnecting');
      expect(attemptTimeoutMs(connectMs) + (delayOf(state) ?? Infinity) + connectMs).toBeLessThan(10_000);
    }),
  );
});

test('a refused user is tried once more after a minute, and no third time', () => {
  const once = failing(lost, rejected);
  expect(delayOf(once)).toBe(60_000);
  expect(failing(once, rejected)).toEqual({ kind: 'given-up', failure: rejected });
  expect(delayOf(failing(once, unreachable))).toBe(500);
});

test('a changed host key ends it', () => {
  const over = failing(lost, changedKey);
  expect(over).toEqual({ kind: 'given-up', failure: changedKey });
  expect(heal(over, { kind: 'connected' }, 10)).toBe(over);
});

test('an attempt has as long as a slow host needs, within limits', () => {
  expect([100, 2_000, 600_000].map(attemptTimeoutMs)).toEqual([4_000, 6_000, 120_000]);
});
