import { listModels } from '../../core/catalog/model.ts';
import { columns } from '../columns.ts';
import type { Context } from '../context.ts';
import type { Options } from '../define.ts';
import { writeJson } from '../report/report.ts';

/** `models`: what the catalog holds. */
export function modelsCommand(context: Context, options: Options): Promise<number> {
  const models = listModels();
  if (options['json'] === true) writeJson(context, { models });
  else {
    const rows = models.map((model) => [
      model.name,
      `${(model.parameters / 1e9).toFixed(1)} B`,
      `${model.contextLength}`,
      model.gated ? 'gated' : '',
      model.huggingFaceId,
    ]);
    context.stdout.write(columns([['NAME', 'PARAMETERS', 'CONTEXT', '', 'HUGGING FACE'], ...rows]));
  }
  return Promise.resolve(0);
}
