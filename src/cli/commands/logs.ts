import { stripControl } from '../../core/render/terminal.ts';
import { ok } from '../../core/result.ts';
import { followLogs, type LogsRequest, readLogs } from '../../flows/logs.ts';
import { withCluster } from '../connected.ts';
import type { Context } from '../context.ts';
import type { Options } from '../define.ts';
import { clusterAndJson } from '../options.ts';
import { writeJson } from '../report/report.ts';

/** `logs <name>`: what the job and its engines wrote. */
export async function logsCommand(context: Context, name: string, written: Options): Promise<number> {
  const options = clusterAndJson(written);
  const request: LogsRequest = {
    deployment: name,
    replica: typeof written['replica'] === 'number' ? written['replica'] : undefined,
    lines: typeof written['lines'] === 'number' ? written['lines'] : 100,
  };
  const write = options.json
    ? jsonLines(context)
    : (text: string) => context.stdout.write(stripControl(text));
  return withCluster(context, options, async ({ profile, session }) => {
    const remote = await session.remote();
    if (!remote.ok) return remote;
    if (written['follow'] === true) {
      const { signal } = context;
      const following = followLogs(context.templates, remote.value, profile, { ...request, signal });
      for (;;) {
        const step = await following.next();
        if (step.done !== true) write(step.value);
        else return step.value.ok || signal.aborted ? ok(0) : step.value;
      }
    }
    const text = await readLogs(context.templates, remote.value, profile, request);
    if (!text.ok) return text;
    if (text.value === '') context.stderr.write(`${name} has written no log yet\n`);
    write(text.value);
    return ok(0);
  });
}

/** Whole lines as JSON documents; a line may come in pieces. */
function jsonLines(context: Context): (text: string) => void {
  let rest = '';
  let file = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const heading = /^==> (.+) <==$/.exec(line)?.[1];
      if (heading !== undefined) file = heading;
      else if (line !== '') writeJson(context, { file, line });
    }
  };
}
