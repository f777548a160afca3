import { parseMemoryMiB } from './memory.ts';

/** Trackable resources by name, such as `cpu`, `mem` (MiB), `node`, `gres/gpu`, `gres/gpu:h100`. */
export type Tres = ReadonlyMap<string, number>;

/** Reads `cpu=96,mem=1T,node=1,gres/gpu=8,gres/gpu:h100=8`. What is not understood is left out. */
export function parseTres(text: string): Tres {
  const tres = new Map<string, number>();
  for (const item of text.trim().split(',')) {
    const equals = item.indexOf('=');
    if (equals <= 0) continue;
    const name = item.slice(0, equals);
    const raw = item.slice(equals + 1);
    const value = name === 'mem' ? parseMemoryMiB(raw) : parseCount(raw);
    if (value !== null) tres.set(name, value);
  }
  return tres;
}

/** GPUs of any type in a set of resources. Where only typed GPUs are listed, their sum. */
export function gpusIn(tres: Tres): number {
  const all = tres.get('gres/gpu');
  if (all !== undefined) return all;
  let sum = 0;
  for (const [name, count] of tres) if (name.startsWith('gres/gpu:')) sum += count;
  return sum;
}

function parseCount(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}
