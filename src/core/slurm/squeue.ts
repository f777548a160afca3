import { fail, ok, type Result } from '../result.ts';
import { parseTimeLimitMinutes } from './duration.ts';
import { excerpt, longFormat, orNull, parseEpoch, parseInteger, readRows } from './fields.ts';

/** One job as squeue shows it. Times are seconds since 1970 on the cluster's clock. */
export interface QueueRow {
  readonly id: string;
  readonly name: string;
  /** Slurm's word, such as `RUNNING`; see `interpretState`. A flag such as COMPLETING stands instead of the base state. */
  readonly state: string;
  /** Why the job waits, such as `Priority`, raw; see `explainReason`. `None` when it does not. */
  readonly reason: string;
  readonly partition: string;
  readonly account: string | null;
  readonly qos: string | null;
  /** Compressed list of the job's nodes; empty while it waits. */
  readonly nodes: string;
  readonly nodeCount: number | null;
  readonly submitTime: number | null;
  /** When it started; for a waiting job, when Slurm expects to start it. */
  readonly startTime: number | null;
  /** When it ended or has to end. */
  readonly endTime: number | null;
  /** Null: no limit, or not known. */
  readonly timeLimitMinutes: number | null;
  /** How often Slurm has requeued it: with the id it names one start of the job. */
  readonly restarts: number;
  readonly dependency: string | null;
}

/** The job's name stands last, because it alone is free text of a user; the reason may be free text of a site. */
const fields = [
  'JobID',
  'State',
  'Partition',
  'Account',
  'QOS',
  'NodeList',
  'NumNodes',
  'SubmitTime',
  'StartTime',
  'EndTime',
  'TimeLimit',
  'RestartCnt',
  'Dependency',
  'Reason',
  'Name',
] as const;

/**
 * The arguments of one squeue for all jobs of the user, those that ended within MinJobAge (300 s by default) included:
 * that saves most calls of sacct. Needs `slurmPrelude`, and Slurm 20.02 for `--me`.
 */
export function squeueArguments(): readonly string[] {
  return ['--me', '--local', '--noheader', '--states=all', `--Format=${longFormat(fields)}`];
}

/** Reads what squeue printed for `squeueArguments`. The failure says what was found instead. */
export function parseSqueue(text: string): Result<readonly QueueRow[], string> {
  const rows = readRows(text, fields.length);
  if (!rows.ok) return rows;
  const jobs: QueueRow[] = [];
  for (const row of rows.value) {
    const job = readJob(row);
    if (job === undefined)
      return fail(`a row of squeue does not begin with a job: "${excerpt(row.join(' '))}"`);
    jobs.push(job);
  }
  return ok(jobs);
}

function readJob(row: readonly string[]): QueueRow | undefined {
  const value = (field: (typeof fields)[number]): string => row[fields.indexOf(field)] ?? '';
  const id = value('JobID');
  const state = value('State');
  if (!/^\d{1,10}$/.test(id) || !/^[A-Z_]{1,40}$/.test(state)) return undefined;
  return {
    id,
    name: value('Name'),
    state,
    reason: value('Reason').trim(),
    partition: value('Partition'),
    account: orNull(value('Account')),
    qos: orNull(value('QOS')),
    nodes: value('NodeList').trim(),
    nodeCount: parseInteger(value('NumNodes')),
    submitTime: parseEpoch(value('SubmitTime')),
    startTime: parseEpoch(value('StartTime')),
    endTime: parseEpoch(value('EndTime')),
    timeLimitMinutes: parseTimeLimitMinutes(value('TimeLimit')),
    restarts: parseInteger(value('RestartCnt')) ?? 0,
    dependency: orNull(value('Dependency')),
  };
}
