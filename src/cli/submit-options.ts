import type { Request } from '../core/plan/request.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { Options } from './define.ts';
import { clusterAndJson } from './options.ts';
import { parseRequest } from './request-options.ts';

export interface SubmitOptions {
  /** What to plan, or the file of a plan that was saved. */
  readonly what:
    | { readonly kind: 'request'; readonly request: Request }
    | { readonly kind: 'plan'; readonly file: string };
  readonly cluster: string | undefined;
  readonly dryRun: boolean;
  readonly detach: boolean;
  readonly tunnel: boolean;
  readonly json: boolean;
}

/** Options that go with a plan; all others are decided in it. */
const besidePlan = new Set(['plan', 'cluster', 'dryRun', 'detach', 'tunnel', 'json']);

/** Parses what `submit` was given. */
export function parseSubmitOptions(model: string | undefined, options: Options): Result<SubmitOptions> {
  const what = parseWhat(model, options);
  if (!what.ok) return what;
  return ok({
    what: what.value,
    ...clusterAndJson(options),
    dryRun: options['dryRun'] === true,
    detach: options['detach'] === true,
    tunnel: options['tunnel'] === true,
  });
}

function parseWhat(model: string | undefined, options: Options): Result<SubmitOptions['what']> {
  const file = options['plan'];
  if (typeof file === 'string') {
    const other = Object.keys(options).find((key) => !besidePlan.has(key));
    if (model === undefined && other === undefined) return ok({ kind: 'plan', file });
    return fail({
      kind: 'usage',
      message: 'A saved plan is applied exactly as it was shown.',
      hint: 'Leave out the model and the other options, or plan again with them: `hpc-serve plan`.',
    });
  }
  if (model === undefined) {
    return fail({
      kind: 'usage',
      message: 'Name a model, or a plan that was saved: --plan FILE.',
      hint: 'List the models with `hpc-serve models`.',
    });
  }
  const request = parseRequest(model, options);
  return request.ok ? ok({ kind: 'request', request: request.value }) : request;
}
