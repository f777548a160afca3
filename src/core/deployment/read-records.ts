import { AttemptId, DeploymentName } from '../names.ts';
import type { Submission } from './observation.ts';
import { parseSbatch } from '../slurm/sbatch-reply.ts';
import { DeploymentSummary, EndpointRecord, JobEvent } from './records.ts';

/** The records of one attempt, as its directory holds them. */
export interface Records {
  readonly deployment: DeploymentName;
  readonly attempt: AttemptId;
  readonly summary: DeploymentSummary | undefined;
  readonly submission: Submission;
  readonly events: readonly JobEvent[];
  readonly endpoints: readonly EndpointRecord[];
  readonly heartbeat: number | undefined;
  readonly stopped: number | undefined;
}

const linePattern = /^([a-z0-9-]+)\/jobs\/([a-z2-7]{10})\/([^:]+):(.*)$/;

/**
 * Records from the output of `grep -H ''`: lines `<deployment>/jobs/<attempt>/<file>:<text>`. The files lie on a
 * shared file system: what doesn't parse is left out, and one bad record hides no other.
 */
export function readRecords(text: string): readonly Records[] {
  const attempts = new Map<string, Map<string, string[]>>();
  for (const line of text.split('\n')) {
    const match = linePattern.exec(line);
    if (match === null) continue;
    const [, deployment = '', attempt = '', file = '', content = ''] = match;
    const key = `${deployment}/${attempt}`;
    const files = attempts.get(key) ?? new Map<string, string[]>();
    attempts.set(key, files);
    const lines = files.get(file) ?? [];
    files.set(file, lines);
    lines.push(content);
  }
  return [...attempts].flatMap(([key, files]) => recordsOf(key, files));
}

function recordsOf(key: string, files: ReadonlyMap<string, readonly string[]>): readonly Records[] {
  const [name, id] = key.split('/');
  const deployment = DeploymentName.safeParse(name);
  const attempt = AttemptId.safeParse(id);
  if (!deployment.success || !attempt.success) return [];
  const values = (prefix: string): unknown[] =>
    [...files].filter(([file]) => file.startsWith(prefix)).map(([, lines]) => parseJson(lines.join('\n')));
  return [
    {
      deployment: deployment.data,
      attempt: attempt.data,
      summary: DeploymentSummary.safeParse(parseJson(files.get('summary.json')?.join('\n'))).data,
      submission: submissionOf(files),
      events: values('events/')
        .flatMap((value) => JobEvent.safeParse(value).data ?? [])
        .sort((a, b) => a.at - b.at),
      endpoints: values('endpoints/').flatMap((value) => EndpointRecord.safeParse(value).data ?? []),
      heartbeat: secondsIn(files.get('heartbeat')),
      stopped: secondsIn(files.get('stopped')),
    },
  ];
}

function submissionOf(files: ReadonlyMap<string, readonly string[]>): Submission {
  const status = files.get('submit/rc')?.[0];
  if (status === undefined || !/^\d{1,3}$/.test(status)) return { kind: 'pending' };
  const text = (file: string): string => (files.get(file) ?? []).join('\n');
  const reply = parseSbatch({
    exitCode: Number(status),
    stdout: text('submit/out'),
    stderr: text('submit/err'),
  });
  switch (reply.kind) {
    case 'accepted':
      return { kind: 'accepted', job: reply.job };
    case 'refused':
    case 'unavailable':
      return { kind: 'refused', exitCode: Number(status), stderr: reply.stderr };
    case 'uncertain':
      return { kind: 'pending' };
  }
}

function secondsIn(lines: readonly string[] | undefined): number | undefined {
  const text = lines?.[0]?.trim();
  return text !== undefined && /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
}

function parseJson(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
