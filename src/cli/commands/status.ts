import { ok, type Result } from '../../core/result.ts';
import type { Status } from '../../flows/status.ts';
import { type Connected, withCluster } from '../connected.ts';
import type { Context } from '../context.ts';
import type { Options } from '../define.ts';
import { clusterAndJson } from '../options.ts';
import { styleOf } from '../style.ts';

/** Milliseconds between two looks of `--watch`. */
const watchEveryMs = 5000;

/** `status [name]`: what is deployed on the cluster, by the cluster's own word. */
export async function statusCommand(
  context: Context,
  name: string | undefined,
  written: Options,
): Promise<number> {
  const options = clusterAndJson(written);
  const all = written['all'] === true || name !== undefined;
  return withCluster(context, options, async (connected) => {
    let shown = '';
    const show = async (status: Status): Promise<void> => {
      const { fitted, recentRows, statusDocument, statusText } = await import('../status-view.ts');
      const visible = all ? status : { ...status, rows: recentRows(status) };
      const text = options.json
        ? `${JSON.stringify(statusDocument(visible, connected.profile))}\n`
        : statusText(visible, connected.profile, styleOf(context.stdout));
      const watched = written['watch'] === true;
      if (watched && withoutTimes(text) === withoutTimes(shown) && !context.stdout.isTerminal) return;
      const onScreen = watched && !options.json && context.stdout.isTerminal;
      context.stdout.write(onScreen ? `\u001b[H\u001b[2J${fitted(text, context.stdout)}` : text);
      shown = text;
    };
    if (written['watch'] !== true) {
      const status = await lookOnce(context, connected, name);
      if (!status.ok) return status;
      await show(status.value);
      return ok(0);
    }
    return showUntilInterrupted(context, () => lookOnce(context, connected, name), show);
  });
}

async function lookOnce(
  context: Context,
  { profile, session }: Connected,
  name: string | undefined,
): Promise<Result<Status>> {
  const remote = await session.remote();
  if (!remote.ok) return remote;
  const { statusRows } = await import('../status-view.ts');
  return statusRows(context, remote.value, profile, name);
}

async function showUntilInterrupted(
  context: Context,
  look: () => Promise<Result<Status>>,
  show: (status: Status) => Promise<void>,
): Promise<Result<number>> {
  const { signal } = context;
  const interrupted = (): boolean => signal.aborted;
  while (!interrupted()) {
    const status = await look();
    if (interrupted()) break;
    if (status.ok) await show(status.value);
    else if (status.failure.kind !== 'connection-lost' && status.failure.kind !== 'unreachable')
      return status;
    else context.stderr.write('no connection to the cluster; trying again\n');
    await context.clock.sleep(watchEveryMs, signal);
  }
  return ok(0);
}

/** Age and time left change with every look; they alone are no news. */
function withoutTimes(text: string): string {
  return text.replaceAll(/\d+ (?:s|min|h|d)\b|"(?:now|heartbeat)":[\d.]+/g, '').replaceAll(/ +/g, ' ');
}
