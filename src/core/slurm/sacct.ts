import { fail, ok, type Result } from '../result.ts';
import { excerpt, FIELD_END, orNull, parseEpoch, parseInteger } from './fields.ts';
import { isAtLeast, type SlurmVersion } from './version.ts';

/** One job as the accounting database has it. Times are seconds since 1970 on the cluster's clock. */
export interface AccountingRow {
  readonly id: string;
  readonly name: string;
  /** Slurm's word, such as `CANCELLED by 1000`; see `interpretState`. */
  readonly state: string;
  /** What the batch script returned, and the signal that ended it; null where sacct does not say. */
  readonly exit: { readonly code: number; readonly signal: number } | null;
  /** Why it waited last, even when it has run since. */
  readonly reason: string | null;
  readonly partition: string;
  /** Compressed list of the job's nodes; empty when it never had any. */
  readonly nodes: string;
  readonly submitTime: number | null;
  readonly startTime: number | null;
  readonly endTime: number | null;
  /** Null: no limit, or not known. */
  readonly timeLimitMinutes: number | null;
  /** Null where this Slurm's accounting does not keep it. */
  readonly restarts: number | null;
}

/** Which jobs to look for: by id, or by name among those that existed since some hours ago. */
export type AccountingQuery =
  { readonly jobs: readonly string[] } | { readonly names: readonly string[]; readonly sinceHours: number };

/** JobName stands last, because it alone is free text. */
const baseFields = [
  'JobIDRaw',
  'State',
  'ExitCode',
  'Reason',
  'Partition',
  'NodeList',
  'Submit',
  'Start',
  'End',
  'TimelimitRaw',
  'JobName',
] as const;

type Field = (typeof baseFields)[number] | 'Restarts';

/** sacct refuses the whole call for one field that it does not know. Restarts: 24.11 has it, 22.05 has not. */
function fieldsOf(version: SlurmVersion | undefined): readonly Field[] {
  return isAtLeast(version, 24, 11) ? ['Restarts', ...baseFields] : baseFields;
}

/**
 * The arguments of sacct for whole jobs, one row each, without their steps; which jobs is left open. Needs
 * `slurmPrelude`. `--parsable` (not `--parsable2`) ends a row with the delimiter too, so that a newline in a name does
 * not look like the end of a row.
 */
export function sacctFormatArguments(version?: SlurmVersion): readonly string[] {
  return [
    '--allocations',
    '--noheader',
    '--parsable',
    `--delimiter=${FIELD_END}`,
    `--format=${fieldsOf(version).join(',')}`,
  ];
}

/** The same for certain jobs. */
export function sacctArguments(query: AccountingQuery, version?: SlurmVersion): readonly string[] {
  return [
    ...sacctFormatArguments(version),
    ...('jobs' in query
      ? [`--jobs=${query.jobs.join(',')}`]
      : [`--name=${query.names.join(',')}`, `--starttime=now-${query.sinceHours}hours`]),
  ];
}

/** Reads what sacct printed for `sacctArguments` with the same version. The failure says what was found instead. */
export function parseSacct(text: string, version?: SlurmVersion): Result<readonly AccountingRow[], string> {
  const fields = fieldsOf(version);
  const chunks = text.split(`${FIELD_END}\n`);
  const rest = chunks.pop() ?? '';
  if (rest !== '') return fail(`the output of sacct ends in the middle of a row: "${excerpt(rest)}"`);
  const rows: AccountingRow[] = [];
  for (const chunk of chunks) {
    const values = chunk.split(FIELD_END);
    const last = fields.length - 1;
    const row = readRow(fields, [...values.slice(0, last), values.slice(last).join(FIELD_END)]);
    if (row === undefined) return fail(`a row of sacct does not describe a job: "${excerpt(chunk)}"`);
    rows.push(row);
  }
  return ok(rows);
}

function readRow(fields: readonly Field[], values: readonly string[]): AccountingRow | undefined {
  const value = (field: Field): string => values[fields.indexOf(field)] ?? '';
  const id = value('JobIDRaw');
  const state = value('State');
  if (!/^\d{1,10}$/.test(id) || !/^[A-Z]/.test(state)) return undefined;
  const nodes = value('NodeList');
  const reason = orNull(value('Reason'));
  return {
    id,
    name: value('JobName'),
    state,
    exit: readExit(value('ExitCode')),
    reason: reason === 'None' ? null : reason,
    partition: value('Partition'),
    nodes: nodes === 'None assigned' ? '' : nodes,
    submitTime: parseEpoch(value('Submit')),
    startTime: parseEpoch(value('Start')),
    endTime: parseEpoch(value('End')),
    timeLimitMinutes: parseInteger(value('TimelimitRaw')),
    restarts: parseInteger(value('Restarts')),
  };
}

/** `3:0` is exit code 3, `0:9` is signal 9; `0:125` is Slurm's own mark for out of memory, `0:53` for files it can't open. */
function readExit(text: string): AccountingRow['exit'] {
  const match = /^(\d{1,5}):(\d{1,5})$/.exec(text);
  return match === null ? null : { code: Number(match[1]), signal: Number(match[2]) };
}
