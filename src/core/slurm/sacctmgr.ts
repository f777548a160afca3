import { fail, ok, type Result } from '../result.ts';
import { parseTimeLimitMinutes } from './duration.ts';
import { excerpt, parseInteger } from './fields.ts';
import { parseTres, type Tres } from './tres.ts';

/** What a user may do under one account. Limits are null where there is none. */
export interface Association {
  readonly account: string;
  /** Null: all partitions. */
  readonly partition: string | null;
  readonly qos: readonly string[];
  readonly defaultQos: string | null;
  /** Per job. */
  readonly maxTres: Tres;
  /** Of all jobs of the association together. */
  readonly groupTres: Tres;
  readonly maxTimeMinutes: number | null;
  readonly maxJobs: number | null;
  readonly maxSubmitJobs: number | null;
}

const associationFields = [
  'Account',
  'Partition',
  'QOS',
  'DefaultQOS',
  'MaxTRES',
  'GrpTRES',
  'MaxWall',
  'MaxJobs',
  'MaxSubmit',
] as const;

const userName = /^[A-Za-z0-9_][A-Za-z0-9._@-]{0,63}$/;
const readOnly = ['--readonly', '--noheader', '--parsable2', 'show'] as const;

/** The arguments of sacctmgr for a user's associations. A name that is no user's name is a bug of the caller, and thrown. */
export function associationArguments(user: string): readonly string[] {
  return [...readOnly, 'assoc', `user=${checkedUser(user)}`, `format=${associationFields.join(',')}`];
}

/** Reads what sacctmgr printed for `associationArguments`. */
export function parseAssociations(text: string): Result<readonly Association[], string> {
  return readTable(text, associationFields, (value) => ({
    account: value('Account'),
    partition: value('Partition') === '' ? null : value('Partition'),
    qos: words(value('QOS')),
    defaultQos: value('DefaultQOS') === '' ? null : value('DefaultQOS'),
    maxTres: parseTres(value('MaxTRES')),
    groupTres: parseTres(value('GrpTRES')),
    maxTimeMinutes: parseTimeLimitMinutes(value('MaxWall')),
    maxJobs: parseInteger(value('MaxJobs')),
    maxSubmitJobs: parseInteger(value('MaxSubmit')),
  }));
}

/** A quality of service. Limits are null where there is none. */
export interface QualityOfService {
  readonly name: string;
  readonly priority: number;
  readonly maxTimeMinutes: number | null;
  readonly maxTresPerJob: Tres;
  readonly maxTresPerUser: Tres;
  /** Of all jobs of the QOS together. */
  readonly groupTres: Tres;
  readonly maxJobsPerUser: number | null;
  readonly maxSubmitJobsPerUser: number | null;
  /** `DenyOnLimit`: a job over a limit is refused at once instead of waiting for ever. */
  readonly flags: readonly string[];
}

const qosFields = [
  'Name',
  'Priority',
  'MaxWall',
  'MaxTRES',
  'MaxTRESPerUser',
  'GrpTRES',
  'MaxJobsPerUser',
  'MaxSubmitJobsPerUser',
  'Flags',
] as const;

/** The arguments of sacctmgr for all QOS. */
export function qosArguments(): readonly string[] {
  return [...readOnly, 'qos', `format=${qosFields.join(',')}`];
}

/** Reads what sacctmgr printed for `qosArguments`. */
export function parseQos(text: string): Result<readonly QualityOfService[], string> {
  return readTable(text, qosFields, (value) => ({
    name: value('Name'),
    priority: parseInteger(value('Priority')) ?? 0,
    maxTimeMinutes: parseTimeLimitMinutes(value('MaxWall')),
    maxTresPerJob: parseTres(value('MaxTRES')),
    maxTresPerUser: parseTres(value('MaxTRESPerUser')),
    groupTres: parseTres(value('GrpTRES')),
    maxJobsPerUser: parseInteger(value('MaxJobsPerUser')),
    maxSubmitJobsPerUser: parseInteger(value('MaxSubmitJobsPerUser')),
    flags: words(value('Flags')),
  }));
}

/** The arguments of sacctmgr for a user's default account, which it prints alone on a line. */
export function defaultAccountArguments(user: string): readonly string[] {
  return [...readOnly, 'user', checkedUser(user), 'format=DefaultAccount'];
}

/** sacctmgr has no choice of delimiter; names of accounts and QOS cannot hold its `|`. */
function readTable<Field extends string, Row>(
  text: string,
  fields: readonly Field[],
  read: (value: (field: Field) => string) => Row,
): Result<readonly Row[], string> {
  const rows: Row[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const values = line.split('|');
    if (values.length !== fields.length) {
      return fail(
        `a row of sacctmgr has ${values.length} fields instead of ${fields.length}: "${excerpt(line)}"`,
      );
    }
    rows.push(read((field) => (values[fields.indexOf(field)] ?? '').trim()));
  }
  return ok(rows);
}

function words(text: string): readonly string[] {
  return text.split(',').filter((word) => word !== '');
}

function checkedUser(user: string): string {
  if (!userName.test(user)) throw new TypeError(`sacctmgr: ${JSON.stringify(user)} is not a user name`);
  return user;
}
