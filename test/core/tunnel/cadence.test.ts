import { expect, test } from 'vitest';
import { checkDue, refreshDueAt, woke } from '../../../src/core/tunnel/cadence.ts';

test.each([
  ['an ordinary tick', { wall: 1_000, monotonic: 1_000 }, false],
  ['a late tick', { wall: 3_500, monotonic: 3_500 }, false],
  ['Linux after sleep: the monotonic clock stood still', { wall: 8 * 3_600_000, monotonic: 1_000 }, true],
  ['a system whose monotonic clock runs on', { wall: 60_000, monotonic: 60_000 }, true],
  ['a clock that was set back', { wall: -60_000, monotonic: 1_000 }, true],
])('%s', (_what, after, expected) => {
  expect(woke({ wall: 0, monotonic: 0 }, after)).toBe(expected);
});

test('a connection in use is checked 5 s after its last sign, an idle one after 30 s', () => {
  const signs = { lastSign: 0, unansweredSince: undefined };
  expect([4_999, 5_000].map((now) => checkDue(now, { ...signs, lastUse: 0 }))).toEqual([false, true]);
  const idle = { lastSign: 40_000, lastUse: 0, unansweredSince: undefined };
  expect([69_999, 70_000].map((now) => checkDue(now, idle))).toEqual([false, true]);
});

test('a request without an answer has it checked after a second', () => {
  const signs = { lastSign: 0, lastUse: 100, unansweredSince: 100 };
  expect([1_099, 1_100].map((now) => checkDue(now, signs))).toEqual([false, true]);
});

test('records are read soon where a connection needs them, ever more rarely when that brings nothing, else every 30 s', () => {
  const due = (fruitless: number): number => refreshDueAt({ lastRead: 0, wanted: true, fruitless });
  expect([0, 1, 2, 3, 100].map(due)).toEqual([1_000, 2_000, 4_000, 5_000, 5_000]);
  expect(refreshDueAt({ lastRead: 0, wanted: false, fruitless: 0 })).toBe(30_000);
});
