import type { EndpointRecord } from '../deployment/records.ts';

/** What is known of one replica while connections are spread over the replicas. Times are monotonic milliseconds. */
export interface Route {
  readonly endpoint: EndpointRecord;
  /** Connections that are open, or being opened. */
  readonly connections: number;
  /** The number of the last connection that was given to it: equals are served in turn. */
  readonly turn: number;
  /** Refusals in a row. */
  readonly refusals: number;
  /** Until then the replica is not asked again. */
  readonly downUntil: number;
}

/** The replicas of one deployment. Every function below gives a new table. */
export type RouteTable = readonly Route[];

/** What to do with a connection that wants a replica. */
export type Choice =
  | { readonly kind: 'route'; readonly route: Route }
  /** Every replica refused a moment ago; the first may be asked again at `until`. */
  | { readonly kind: 'wait'; readonly until: number }
  /** The deployment has no endpoint. */
  | { readonly kind: 'none' };

const firstDownMs = 500;
const longestDownMs = 4_000;

/** Takes over what was read from the cluster. A replica that started anew has a new identity, and a clean record. */
export function withEndpoints(table: RouteTable, endpoints: readonly EndpointRecord[]): RouteTable {
  const known = new Map(table.map((route) => [route.endpoint.identity, route]));
  return endpoints.map((endpoint) => ({
    ...(known.get(endpoint.identity) ?? { connections: 0, turn: 0, refusals: 0, downUntil: 0 }),
    endpoint,
  }));
}

/** The replica with the fewest connections among those that are not down; equals take turns. */
export function choose(table: RouteTable, now: number): Choice {
  if (table.length === 0) return { kind: 'none' };
  const up = table.filter((route) => route.downUntil <= now);
  const best = up.reduce<Route | undefined>(lessBusy, undefined);
  if (best !== undefined) return { kind: 'route', route: best };
  return { kind: 'wait', until: Math.min(...table.map((route) => route.downUntil)) };
}

function lessBusy(best: Route | undefined, route: Route): Route {
  if (best === undefined) return route;
  const difference = route.connections - best.connections || route.turn - best.turn;
  return difference < 0 ? route : best;
}

/** A connection is being opened to the replica. */
export function reserved(table: RouteTable, identity: string): RouteTable {
  const turn = 1 + Math.max(0, ...table.map((route) => route.turn));
  return change(table, identity, (route) => ({ ...route, connections: route.connections + 1, turn }));
}

/** The replica took the connection. */
export function accepted(table: RouteTable, identity: string): RouteTable {
  return change(table, identity, (route) => ({ ...route, refusals: 0, downUntil: 0 }));
}

/** The replica refused the connection, or did not answer: it rests for 0.5 s, then 1, 2 and 4 s. */
export function refused(table: RouteTable, identity: string, now: number): RouteTable {
  return change(table, identity, (route) => {
    const downMs = Math.min(firstDownMs * 2 ** route.refusals, longestDownMs);
    return { ...route, refusals: route.refusals + 1, downUntil: now + downMs };
  });
}

/** A connection to the replica is over, or was never opened. */
export function released(table: RouteTable, identity: string): RouteTable {
  return change(table, identity, (route) => ({ ...route, connections: Math.max(0, route.connections - 1) }));
}

function change(table: RouteTable, identity: string, next: (route: Route) => Route): RouteTable {
  return table.map((route) => (route.endpoint.identity === identity ? next(route) : route));
}

/** Whether two tables lead to the same starts of the same replicas. */
export function sameEndpoints(table: RouteTable, endpoints: readonly EndpointRecord[]): boolean {
  const identities = new Set(table.map((route) => route.endpoint.identity));
  return identities.size === endpoints.length && endpoints.every(({ identity }) => identities.has(identity));
}
