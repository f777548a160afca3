import { orNull } from './fields.ts';

/** The arguments of scontrol for all partitions, nodes or reservations, one a line; times as `slurmPrelude` sets them. */
export function scontrolArguments(what: 'partition' | 'node' | 'reservation'): readonly string[] {
  return ['--oneliner', 'show', what];
}

/** One record of `scontrol --oneliner show …`: values by key. */
export type ScontrolRecord = ReadonlyMap<string, string>;

/** `NodeName=`, `CPUs/Task=`, `ReqB:S:C:T=` after a space or at the beginning. */
const boundary = /(?:^|\s)([A-Z][A-Za-z0-9_:/]{0,40})=/g;

/**
 * The records in what `scontrol --oneliner show <what>` prints, one a line. Values may hold spaces and `=` (`OS=Linux
 * 6.1 #1 SMP`, reasons, comments), so only the keys in `keys` begin a new value, and a key counts once: what an
 * administrator's or a user's text repeats later does not replace it. A line that does not begin with a key is skipped:
 * it is a message such as "No reservations in the system", or the rest of a value with a newline.
 */
export function parseScontrolRecords(text: string, keys: readonly string[]): readonly ScontrolRecord[] {
  const known = new Set(keys);
  const first = `${keys[0] ?? ''}=`;
  return text
    .split('\n')
    .filter((line) => line.startsWith(first))
    .map((line) => readRecord(line, known));
}

function readRecord(line: string, known: ReadonlySet<string>): ScontrolRecord {
  const record = new Map<string, string>();
  let key: string | undefined;
  let start = 0;
  for (const match of line.matchAll(boundary)) {
    const next = match[1] ?? '';
    if (!known.has(next) || record.has(next) || next === key) continue;
    if (key !== undefined) record.set(key, line.slice(start, match.index).trim());
    key = next;
    start = match.index + match[0].length;
  }
  if (key !== undefined) record.set(key, line.slice(start).trim());
  return record;
}

/** The words of a comma-separated value; none for `(null)` and `N/A`. */
export function list(text: string): readonly string[] {
  return orNull(text)?.split(',') ?? [];
}
