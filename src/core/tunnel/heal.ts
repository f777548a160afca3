import type { Failure } from '../failure.ts';

/**
 * The SSH connection under a tunnel. The local ports stay open in every state but the last.
 *
 *                     lost (closed, or a check went unanswered)
 *      ┌───────────┐ ──────────────────────────────────────────► ┌────────────────────────┐
 *      │ connected │                                             │ reconnecting           │ ──┐ attempt-failed
 *      └───────────┘ ◄────────────────────────────────────────── │ attempt, since, delay  │ ◄─┘
 *                     connected                                  └────────────────────────┘
 *                                                                            │ attempt-failed, and no retry can help
 *                                                                            ▼
 *                                                                     ┌──────────┐
 *                                                                     │ given-up │
 *                                                                     └──────────┘
 *
 * Each deployment has one more state of its own, waiting-for-endpoint: its route table is empty (see route.ts).
 * Times are monotonic milliseconds.
 */
export type LinkState =
  | { readonly kind: 'connected'; readonly since: number }
  | {
      readonly kind: 'reconnecting';
      readonly since: number;
      readonly because: string;
      /** The number of the attempt that comes next, from 1. */
      readonly attempt: number;
      /** How long to wait before it. */
      readonly delayMs: number;
      /** Attempts in this outage in which the host was reached and refused the user. */
      readonly rejections: number;
    }
  | { readonly kind: 'given-up'; readonly failure: Failure };

/** What happens to the connection. */
export type LinkEvent =
  | { readonly kind: 'connected' }
  | { readonly kind: 'lost'; readonly because: string }
  | { readonly kind: 'attempt-failed'; readonly failure: Failure };

const firstDelayMs = 250;

/**
 * With attempts cut at 4 s (see attemptTimeoutMs), the network returns at worst just after an attempt's last SYN got lost:
 * 4 s + 3 s + one connect stay below 10 s.
 */
const longestDelayMs = 3_000;

/** A refused user is not tried again soon: sites lock accounts out. A second refusal ends the tunnel. */
const rejectedDelayMs = 60_000;
const rejectionsAllowed = 2;

const shortestAttemptMs = 4_000;
const longestAttemptMs = 120_000;

/** The next state. */
export function heal(state: LinkState, event: LinkEvent, now: number): LinkState {
  if (state.kind === 'given-up') return state;
  switch (event.kind) {
    case 'connected':
      return { kind: 'connected', since: now };
    case 'lost':
      if (state.kind === 'reconnecting') return state;
      return {
        kind: 'reconnecting',
        since: now,
        because: event.because,
        attempt: 1,
        delayMs: 0,
        rejections: 0,
      };
    case 'attempt-failed':
      return state.kind === 'reconnecting' ? afterFailure(state, event.failure) : state;
  }
}

function afterFailure(
  state: Extract<LinkState, { kind: 'reconnecting' }>,
  failure: Failure,
): Extract<LinkState, { kind: 'reconnecting' | 'given-up' }> {
  const rejections = state.rejections + (failure.kind === 'authentication' ? 1 : 0);
  if (!mayPass(failure) || rejections >= rejectionsAllowed) return { kind: 'given-up', failure };
  const delayMs =
    failure.kind === 'authentication'
      ? rejectedDelayMs
      : Math.min(firstDelayMs * 2 ** (state.attempt - 1), longestDelayMs);
  return { ...state, attempt: state.attempt + 1, delayMs, rejections };
}

/** Whether time alone can cure the failure: a host key that does not match, or a wrong configuration, stays wrong. */
function mayPass(failure: Failure): boolean {
  return (
    failure.kind === 'unreachable' || failure.kind === 'connection-lost' || failure.kind === 'authentication'
  );
}

/**
 * How long an attempt to reconnect may take: three times what the first connect took, so that a slow host is given
 * its time (and a person who types a code), and at least 4 s.
 */
export function attemptTimeoutMs(firstConnectMs: number): number {
  return Math.min(Math.max(3 * firstConnectMs, shortestAttemptMs), longestAttemptMs);
}
