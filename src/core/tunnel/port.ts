import type { DeploymentName } from '../names.ts';

/** Below Linux's and other systems' ranges for outgoing connections (from 32768), so that nobody takes a port by chance. */
const firstPort = 20_000;
const ports = 12_768;

/**
 * The local ports to try for a deployment, in order. The first is a hash of its name, so that a deployment gets the same
 * port each time and pasted settings stay good; the next ones serve when it is taken.
 */
export function portsFor(deployment: DeploymentName, count: number): readonly number[] {
  const start = fnv1a(deployment) % ports;
  return Array.from({ length: count }, (_, step) => firstPort + ((start + step) % ports));
}

/** FNV-1a, 32 bits, over ASCII text (http://www.isthe.com/chongo/tech/comp/fnv/). */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}
