import { orNull } from './fields.ts';

/**
 * The arguments of scontrol for all partitions, nodes or reservations, one a line; times as `slurmPrelude` sets them.
 * `--details` adds what jobs hold of a node's GPUs, also where the accounting does not count GPUs.
 */
export function scontrolArguments(what: 'partition' | 'node' | 'reservation'): readonly string[] {
  return ['--oneliner', ...(what === 'node' ? ['--details'] : []), 'show', what];
}

/** One record of `scontrol --oneliner show …`: values by key. */
export type ScontrolRecord = ReadonlyMap<string, string>;

/** `NodeName=`, `CPUs/Task=`, `ReqB:S:C:T=` after a space or at the beginning. */
const boundary = /(?:^|\s)([A-Z][A-Za-z0-9_:/]{0,40})=/g;
const recordStart = /^(?:PartitionName|NodeName|ReservationName)=/;

/**
 * The records in what `scontrol --oneliner show <what>` prints, one a line. Values may hold spaces and `=` (`OS=Linux 6.1
 * #1 SMP`, `Reason=disk State=IDLE`). scontrol prints free text last, and a key counts once, so such text can not
 * replace what Slurm says. Other lines are messages such as "No reservations in the system".
 */
export function parseScontrolRecords(text: string): readonly ScontrolRecord[] {
  return text
    .split('\n')
    .filter((line) => recordStart.test(line))
    .map(readRecord);
}

function readRecord(line: string): ScontrolRecord {
  const record = new Map<string, string>();
  let key = '';
  let start = 0;
  for (const match of line.matchAll(boundary)) {
    const next = match[1] ?? '';
    if (record.has(next) || next === key) continue;
    if (key !== '') record.set(key, line.slice(start, match.index).trim());
    key = next;
    start = match.index + match[0].length;
  }
  return record.set(key, line.slice(start).trim());
}

/** The words of a comma-separated value; none for `(null)` and `N/A`. */
export function list(text: string): readonly string[] {
  return orNull(text)?.split(',') ?? [];
}
