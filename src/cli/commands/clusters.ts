import { columns } from '../columns.ts';
import type { Context } from '../context.ts';
import type { Options } from '../define.ts';
import { reportFailure, writeJson } from '../report/report.ts';

/** `clusters`: the profiles in the user's configuration directory. */
export async function clustersCommand(context: Context, options: Options): Promise<number> {
  const json = options['json'] === true;
  const files = await context.profiles.list();
  if (!files.ok) return reportFailure(context, files.failure, json);
  if (json) writeJson(context, { clusters: files.value });
  else if (files.value.length === 0)
    return reportFailure(context, { kind: 'profile-missing', name: undefined, known: [] }, false);
  else context.stdout.write(columns(files.value.map(({ name, path }) => [name, path])));
  return 0;
}
