import type { ClusterProfile } from '../core/cluster/profile.ts';
import type { Remote, Script, Templates } from '../core/ports.ts';
import { preamble } from '../core/remote/preamble.ts';
import { fail, ok, type Result } from '../core/result.ts';

export interface LogsRequest {
  readonly deployment: string;
  /** Undefined: the job's own log and those of all replicas. */
  readonly replica: number | undefined;
  /** Lines from the end of each file. */
  readonly lines: number;
}

/** The last lines of a deployment's logs. */
export async function readLogs(
  templates: Templates,
  remote: Remote,
  profile: Pick<ClusterProfile, 'root'>,
  request: LogsRequest,
): Promise<Result<string>> {
  const output = await remote.run(scriptOf(templates, profile, request, false));
  if (!output.ok) return output;
  const { exitCode, stdout, stderr } = output.value;
  if (exitCode === 20) return fail({ kind: 'deployment-unknown', deployment: request.deployment });
  if (exitCode === 21) return ok('');
  if (exitCode !== 0)
    return fail({ kind: 'remote-command', what: `read the logs of ${request.deployment}`, exitCode, stderr });
  return ok(withoutEnd(stdout));
}

/** The same, and whatever is written from now on, until `signal` aborts. */
export function followLogs(
  templates: Templates,
  remote: Remote,
  profile: Pick<ClusterProfile, 'root'>,
  request: LogsRequest & { readonly signal: AbortSignal },
): AsyncGenerator<string, Result<undefined>> {
  return remote.follow(scriptOf(templates, profile, request, true), request.signal);
}

function scriptOf(
  templates: Templates,
  profile: Pick<ClusterProfile, 'root'>,
  request: LogsRequest,
  follow: boolean,
): Script {
  const settings = {
    root: profile.root,
    deployment: request.deployment,
    replica: request.replica === undefined ? '' : `${request.replica}`,
    lines: `${request.lines}`,
    follow: follow ? 'yes' : 'no',
  };
  return {
    what: `read the logs of ${request.deployment}`,
    text: preamble(settings) + templates.read('remote/logs.sh'),
  };
}

/** /dev/null makes tail print names even for a single file; its own heading is of no use. */
function withoutEnd(text: string): string {
  return text.replace(/\n?==> \/dev\/null <==\n$/, '');
}
