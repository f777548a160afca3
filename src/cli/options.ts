import type { Options } from './define.ts';

/** The options that most commands share. */
export function clusterAndJson(options: Options): {
  readonly cluster: string | undefined;
  readonly json: boolean;
} {
  const cluster = options['cluster'];
  return { cluster: typeof cluster === 'string' ? cluster : undefined, json: options['json'] === true };
}
