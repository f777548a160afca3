import { listGpus } from '../../core/catalog/gpu.ts';
import { columns } from '../columns.ts';
import type { Context } from '../context.ts';
import type { Options } from '../define.ts';
import { writeJson } from '../report/report.ts';

/** `gpus`: what the catalog holds; a profile's partitions name them by their ids. */
export function gpusCommand(context: Context, options: Options): Promise<number> {
  const gpus = listGpus();
  if (options['json'] === true) writeJson(context, { gpus });
  else {
    const rows = gpus.map((gpu) => [gpu.id, gpu.name, `${gpu.memoryGiB} GiB`, `${gpu.bandwidthGBs} GB/s`]);
    context.stdout.write(columns([['ID', 'NAME', 'MEMORY', 'BANDWIDTH'], ...rows]));
  }
  return Promise.resolve(0);
}
