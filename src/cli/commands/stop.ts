import { ok } from '../../core/result.ts';
import { stop } from '../../flows/stop.ts';
import { statusRows } from '../../flows/status.ts';
import { withCluster } from '../connected.ts';
import type { Context } from '../context.ts';
import type { Options } from '../define.ts';
import { reportFlow, writeJson } from '../report/report.ts';
import { stateSentence } from '../state-words.ts';
import { clusterAndJson } from '../options.ts';

/** `stop <name>`: end a deployment, and see that it has ended. */
export async function stopCommand(context: Context, name: string, written: Options): Promise<number> {
  const options = clusterAndJson(written);
  return withCluster(context, options, async ({ profile, session }) => {
    const remote = await session.remote();
    if (!remote.ok) return remote;
    if (written['dryRun'] === true) {
      const rows = await statusRows(context, remote.value, profile, name);
      if (!rows.ok) return rows;
      for (const row of rows.value.rows) {
        if (options.json) writeJson(context, { event: 'would-stop', deployment: name, state: row.state });
        else context.stdout.write(`would end ${name}: ${stateSentence(row.state, rows.value.now)}\n`);
      }
      return ok(0);
    }
    const stopped = await reportFlow(context, stop(context, remote.value, profile, name), options.json);
    if (!stopped.ok) return stopped;
    const { job, wasRunning } = stopped.value;
    if (options.json) writeJson(context, { event: 'stopped', ...stopped.value });
    else if (wasRunning)
      context.stdout.write(`${name} has ended${job === undefined ? '' : `; job ${job} is gone`}\n`);
    else context.stdout.write(`${name} had ended before\n`);
    return ok(0);
  });
}
