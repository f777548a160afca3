import type { ClusterProfile } from '../core/cluster/profile.ts';
import type { Evidence } from '../core/failure.ts';
import type { Templates } from '../core/ports.ts';
import { readLogs } from './logs.ts';
import type { Session } from './session.ts';

/** Lines of each log that are shown as evidence of an end. */
const linesPerFile = 6;
const mostLines = 24;

/** The last lines of a deployment's logs; none where they can't be read. */
export async function lastWords(
  templates: Templates,
  session: Session,
  profile: ClusterProfile,
  deployment: string,
): Promise<readonly Evidence[]> {
  const remote = await session.remote();
  if (!remote.ok) return [];
  const text = await readLogs(templates, remote.value, profile, {
    deployment,
    replica: undefined,
    lines: linesPerFile,
  });
  if (!text.ok) return [];
  const evidence: Evidence[] = [];
  const told = new Set<string>();
  let source = 'job.log';
  for (const line of text.value.split('\n')) {
    const heading = /^==> (.+) <==$/.exec(line)?.[1];
    if (heading !== undefined) source = heading;
    // An engine that was started again says the same again.
    else if (line.trim() !== '' && !told.has(`${source} ${line}`)) {
      told.add(`${source} ${line}`);
      evidence.push({ source, text: line });
    }
  }
  return evidence.slice(0, mostLines);
}
