/** How often the watch over a connection looks at it. All times are milliseconds. */
export const tickMs = 1_000;

/** A check that is not answered within this time, while no other byte arrives either, means a dead connection. */
export const checkTimeoutMs = 5_000;

/** A replica that does not take a connection within this time is passed over, and the SSH connection is checked. */
export const openTimeoutMs = 5_000;

/** How long a local connection waits for a replica, however often connection and endpoints change meanwhile. */
export const patienceMs = 10_000;

const checkUnansweredAfterMs = 1_000;
const checkEveryMs = 5_000;
const checkIdleEveryMs = 30_000;
const inUseMs = 30_000;

const refreshEveryMs = 30_000;
const refreshWantedFirstMs = 1_000;
const refreshWantedEveryMs = 5_000;

/** One reading of both clocks. */
export interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

/**
 * Whether the machine slept or the process stood still between two ticks. Linux's monotonic clock stops while the machine
 * sleeps, so the wall clock runs ahead of it; on other systems both jump. A clock that was set looks alike: a check is harmless.
 */
export function woke(before: Moment, after: Moment): boolean {
  const elapsed = after.monotonic - before.monotonic;
  const jump = Math.abs(after.wall - before.wall - elapsed);
  return jump > 3 * tickMs || elapsed > 4 * tickMs;
}

/** What the watch knows of a connection. */
export interface Signs {
  /** When a byte or an answer last came from the far side. */
  readonly lastSign: number;
  /** When the connection was last used. */
  readonly lastUse: number;
  /** Since when a request to open a channel waits for its answer, while no other sign came. */
  readonly unansweredSince: number | undefined;
}

/**
 * Whether the connection has to be checked: 1 s after a request that nobody answers, 5 s after the last sign while it is in
 * use, and every 30 s otherwise. With the time-out of the check a connection that died silently is known within 10 s.
 */
export function checkDue(now: number, { lastSign, lastUse, unansweredSince }: Signs): boolean {
  if (unansweredSince !== undefined && now - unansweredSince >= checkUnansweredAfterMs) return true;
  const every = now - lastUse <= inUseMs ? checkEveryMs : checkIdleEveryMs;
  return now - lastSign >= every;
}

/** What decides when the endpoint records are read again. */
export interface RefreshNeed {
  readonly lastRead: number;
  /** A replica refused, or a connection waits for an endpoint. */
  readonly wanted: boolean;
  /** Readings in a row that were wanted and brought nothing new. */
  readonly fruitless: number;
}

/** When the endpoint records are due to be read again: at once where a connection needs it, then after 1, 2, 4, 5 s; else after 30 s. */
export function refreshDueAt({ lastRead, wanted, fruitless }: RefreshNeed): number {
  if (!wanted) return lastRead + refreshEveryMs;
  return lastRead + Math.min(refreshWantedFirstMs * 2 ** fruitless, refreshWantedEveryMs);
}
