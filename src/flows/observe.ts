import { readRecords, type Records } from '../core/deployment/read-records.ts';
import type { ClusterView, Observation } from '../core/deployment/observation.ts';
import type { JobSighting, SeenJob } from '../core/deployment/sighting.ts';
import type { ClusterProfile } from '../core/cluster/profile.ts';
import { jobNameOf } from '../core/names.ts';
import type { Ids, Remote, Templates } from '../core/ports.ts';
import { parseSections, type Section } from '../core/remote/sections.ts';
import { preamble } from '../core/remote/preamble.ts';
import { sh } from '../core/render/quote.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { parseSacct, sacctArguments } from '../core/slurm/sacct.ts';
import { parseSqueue, squeueArguments } from '../core/slurm/squeue.ts';

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
  const settings = {
    root: profile.root,
    mark,
    ask_slurm: askSlurm ? 'yes' : 'no',
    only: options.only ?? '',
    queue: squeueArguments().map(sh).join(' '),
    account: profile.slurm.accounting ? sacctArguments().map(sh).join(' ') : '',
  };
  const what = 'look at the deployments';
  const output = await remote.run({
    what,
    text: preamble(settings) + ports.templates.read('remote/observe.sh'),
  });
  if (!output.ok) return output;
  const sections = parseSections(output.value.stdout, output.value.stderr, mark);
  if (sections.at(-1)?.name !== 'end') {
    const evidence = output.value.stderr.slice(-500);
    return fail({ kind: 'remote-output', what, because: 'the answer is not complete', evidence });
  }
  return ok(viewOf(sections, askSlurm));
}

function viewOf(sections: readonly Section[], asked: boolean): ClusterView {
  const named = (name: string): Section | undefined => sections.find((section) => section.name === name);
  const now = Number(named('now')?.stdout.trim());
  const queue = asked ? answerOf(named('squeue'), named('squeue-status'), parseSqueue) : 'not-asked';
  const accounting =
    named('sacct') === undefined ? 'not-asked' : answerOf(named('sacct'), named('sacct-status'), parseSacct);
  const records = readRecords(named('records')?.stdout ?? '');
  return {
    now: Number.isFinite(now) ? now : 0,
    slurmSilent: typeof queue === 'object' && 'because' in queue ? queue.because : undefined,
    observations: records.map((record): Observation => ({
      ...record,
      sighting: sightingOf(record, queue, accounting),
    })),
  };
}

type Answer = { readonly jobs: readonly NamedJob[] } | { readonly because: string } | 'not-asked';

export interface NamedJob {
  readonly name: string;
  readonly seen: SeenJob;
}

function answerOf(
  answer: Section | undefined,
  status: Section | undefined,
  parse: (text: string) => Result<readonly NamedJob[], string>,
): Answer {
  if (answer === undefined || status === undefined) return { because: 'the answer is missing' };
  if (status.argument !== '0') {
    return { because: answer.stderr.trim().split('\n')[0] ?? `exit code ${status.argument}` };
  }
  const jobs = parse(answer.stdout);
  return jobs.ok ? { jobs: jobs.value } : { because: jobs.failure };
}

function sightingOf(record: Records, queue: Answer, accounting: Answer): JobSighting {
  if (queue === 'not-asked') return { seen: 'not-asked' };
  if ('because' in queue) return { seen: 'unanswered', because: queue.because };
  const name = jobNameOf(record.deployment, record.attempt);
  const queued = queue.jobs.find((job) => job.name === name);
  if (queued !== undefined) return { seen: 'queue', job: queued.seen };
  if (accounting === 'not-asked') return { seen: 'nowhere' };
  if ('because' in accounting) return { seen: 'unanswered', because: accounting.because };
  const accounted = accounting.jobs.find((job) => job.name === name);
  return accounted === undefined ? { seen: 'nowhere' } : { seen: 'accounting', job: accounted.seen };
}
