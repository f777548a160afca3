import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  accepted,
  choose,
  refused,
  released,
  reserved,
  withEndpoints,
  type RouteTable,
} from '../../../src/core/tunnel/route.ts';
import { endpointAt } from '../../support/tunnel-world.ts';

const tableOf = (...ports: readonly number[]): RouteTable =>
  withEndpoints(
    [],
    ports.map((port) => endpointAt(port)),
  );

/** The port that the next connection goes to, and the table afterwards. */
function next(table: RouteTable, now = 0): readonly [number | undefined, RouteTable] {
  const choice = choose(table, now);
  if (choice.kind !== 'route') return [undefined, table];
  const { endpoint } = choice.route;
  return [endpoint.port, reserved(table, endpoint.identity)];
}

test('a deployment without endpoints has nothing to choose', () => {
  expect(choose([], 0)).toEqual({ kind: 'none' });
});

test('equals take turns, also when each connection is over before the next', () => {
  let table = tableOf(1, 2, 3);
  const order: (number | undefined)[] = [];
  for (let n = 0; n < 6; n += 1) {
    const [port, after] = next(table);
    order.push(port);
    table = released(after, `identity${port ?? 0}`);
  }
  expect(order).toEqual([1, 2, 3, 1, 2, 3]);
});

test('the least busy replica gets the next connection', () => {
  let table = tableOf(1, 2);
  for (let n = 0; n < 4; n += 1) [, table] = next(table);
  table = released(released(table, 'identity2'), 'identity2');
  expect(next(table)[0]).toBe(2);
});

test('open connections never differ by more than one between replicas that are up', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 100 }), (replicas, connections) => {
      let table = tableOf(...Array.from({ length: replicas }, (_, n) => n + 1));
      for (let n = 0; n < connections; n += 1) [, table] = next(table);
      const counts = table.map((route) => route.connections);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }),
  );
});

test('a replica that refuses rests for 0.5, 1, 2, 4 and again 4 seconds', () => {
  let table = tableOf(1);
  const rests: number[] = [];
  for (let n = 0; n < 5; n += 1) {
    table = refused(table, 'identity1', 1_000);
    const choice = choose(table, 1_000);
    if (choice.kind === 'wait') rests.push(choice.until - 1_000);
  }
  expect(rests).toEqual([500, 1_000, 2_000, 4_000, 4_000]);
  expect(choose(table, 5_000).kind).toBe('route');
  expect(choose(accepted(table, 'identity1'), 1_000).kind).toBe('route');
});

test('while one replica rests the others serve', () => {
  const table = refused(tableOf(1, 2), 'identity1', 0);
  expect(next(table)[0]).toBe(2);
});

test('a replica that started anew has a clean record, the others keep theirs', () => {
  let table = refused(tableOf(1, 2), 'identity1', 0);
  [, table] = next(table);
  const again = withEndpoints(table, [endpointAt(1, { identity: 'restarted1' }), endpointAt(2)]);
  expect(again.map(({ connections, refusals }) => ({ connections, refusals }))).toEqual([
    { connections: 0, refusals: 0 },
    { connections: 1, refusals: 0 },
  ]);
  // The end of a connection to the old start changes nothing.
  expect(released(again, 'identity1')).toEqual(again);
});
