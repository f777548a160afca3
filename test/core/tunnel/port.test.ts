import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deploymentNamePattern } from '../../../src/core/names.ts';
import { portsFor } from '../../../src/core/tunnel/port.ts';
import { nameOf } from '../../support/tunnel-world.ts';

test('a deployment gets the same ports each time', () => {
  // Pasted settings depend on it: a change of the hash is a change that users notice.
  expect(portsFor(nameOf('llama3-8b'), 3)).toEqual([21_528, 21_529, 21_530]);
});

test('ports are distinct, unprivileged and below those of outgoing connections', () => {
  fc.assert(
    fc.property(fc.stringMatching(deploymentNamePattern), (name) => {
      const ports = portsFor(nameOf(name), 64);
      expect(new Set(ports).size).toBe(64);
      expect(ports.every((port) => port >= 20_000 && port < 32_768)).toBe(true);
    }),
  );
});
