import { readRecords, type Records } from '../core/deployment/read-records.ts';
import type { ClusterView, Observation } from '../core/deployment/observation.ts';
import { type JobSighting, sightedInAccounting, sightedInQueue } from '../core/deployment/sighting.ts';
import type { ClusterProfile } from '../core/cluster/profile.ts';
import { jobNameOf } from '../core/names.ts';
import type { Ids, Remote, Templates } from '../core/ports.ts';
import { parseSections, type Section } from '../core/remote/sections.ts';
import { slurmScript } from '../core/remote/slurm-script.ts';
import { sh } from '../core/render/quote.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { type AccountingRow, parseSacct, sacctFormatArguments } from '../core/slurm/sacct.ts';
import { parseSqueue, type QueueRow, squeueArguments } from '../core/slurm/squeue.ts';
import { parseSlurmVersion, type SlurmVersion } from '../core/slurm/version.ts';

export interface ObservePorts {
  readonly templates: Templates;
  readonly ids: Ids;
}

export interface ObserveOptions {
  /** Look at this deployment alone. */
  readonly only?: string | undefined;
  /** False: read the jobs' records, and leave Slurm in peace. Default true. */
  readonly askSlurm?: boolean;
}

/** Looks at every deployment on the cluster: one round trip, one squeue, and one sacct where a job has left the queue. */
export async function observe(
  ports: ObservePorts,
  remote: Remote,
  profile: Pick<ClusterProfile, 'root' | 'slurm'>,
  options: ObserveOptions = {},
): Promise<Result<ClusterView>> {
  const mark = `@${ports.ids.base32(12)}`;
  const askSlurm = options.askSlurm ?? true;
  const version = parseSlurmVersion(profile.slurm.version);
  const settings = {
    root: profile.root,
    mark,
    ask_slurm: askSlurm ? 'yes' : 'no',
    only: options.only ?? '',
    queue: squeueArguments().map(sh).join(' '),
    account: profile.slurm.accounting ? sacctFormatArguments(version).map(sh).join(' ') : '',
  };
  const what = 'look at the deployments';
  const text = slurmScript(ports.templates, profile.slurm.bin, settings, ['bounded.sh', 'observe.sh']);
  const output = await remote.run({
    what,
    text,
  });
  if (!output.ok) return output;
  const sections = parseSections(output.value.stdout, output.value.stderr, mark);
  if (sections.at(-1)?.name !== 'end') {
    const evidence = output.value.stderr.slice(-500);
    return fail({ kind: 'remote-output', what, because: 'the answer is not complete', evidence });
  }
  const unreadable = sections.find((section) => section.name === 'unreadable');
  if (unreadable !== undefined) {
    const evidence = unreadable.stdout.trim();
    return fail({ kind: 'remote-output', what, because: `${profile.root} can't be read`, evidence });
  }
  return ok(viewOf(sections, askSlurm, version));
}

function viewOf(
  sections: readonly Section[],
  asked: boolean,
  version: SlurmVersion | undefined,
): ClusterView {
  const named = (name: string): Section | undefined => sections.find((section) => section.name === name);
  const queue = asked ? answerOf(named('squeue'), named('squeue-status'), parseSqueue) : notAsked;
  const parseAccounts = (text: string): Result<readonly AccountingRow[], string> => parseSacct(text, version);
  const accounts = named('sacct');
  const accounting =
    accounts === undefined ? notAsked : answerOf(accounts, named('sacct-status'), parseAccounts);
  const records = readRecords(named('records')?.stdout ?? '');
  return {
    now: Number(named('now')?.stdout.trim()),
    slurmSilent: queue.kind === 'silent' ? queue.because : undefined,
    observations: records.map((record): Observation => ({
      ...record,
      sighting: sightingOf(record, queue, accounting),
    })),
  };
}

type Answer<Row> =
  | { readonly kind: 'rows'; readonly rows: readonly Row[] }
  | { readonly kind: 'silent'; readonly because: string }
  | { readonly kind: 'not-asked' };

const notAsked = { kind: 'not-asked' } as const;

function answerOf<Row>(
  answer: Section | undefined,
  status: Section | undefined,
  parse: (text: string) => Result<readonly Row[], string>,
): Answer<Row> {
  if (answer === undefined || status === undefined)
    return { kind: 'silent', because: 'the answer is missing' };
  if (status.argument !== '0') {
    const [line = ''] = answer.stderr.trim().split('\n');
    return { kind: 'silent', because: line === '' ? `exit code ${status.argument}` : line };
  }
  const rows = parse(answer.stdout);
  return rows.ok ? { kind: 'rows', rows: rows.value } : { kind: 'silent', because: rows.failure };
}

function sightingOf(
  record: Records,
  queue: Answer<QueueRow>,
  accounting: Answer<AccountingRow>,
): JobSighting {
  if (queue.kind === 'not-asked') return { seen: 'not-asked' };
  if (queue.kind === 'silent') return { seen: 'unanswered', because: queue.because };
  const name = jobNameOf(record.deployment, record.attempt);
  const queued = queue.rows.find((row) => row.name === name);
  if (queued !== undefined) return sightedInQueue(queued);
  if (accounting.kind === 'not-asked') return { seen: 'nowhere' };
  if (accounting.kind === 'silent') return { seen: 'unanswered', because: accounting.because };
  const accounted = accounting.rows.find((row) => row.name === name);
  return accounted === undefined ? { seen: 'nowhere' } : sightedInAccounting(accounted);
}
