import * as z from 'zod';
import { DeploymentName } from '../core/names.ts';
import type { Request } from '../core/plan/request.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { parseTimeOption } from '../core/slurm/duration.ts';
import type { Options } from './define.ts';

export interface SubmitOptions {
  readonly request: Request;
  readonly cluster: string | undefined;
  readonly dryRun: boolean;
  readonly detach: boolean;
  readonly tunnel: boolean;
  readonly json: boolean;
}

/** Names of Slurm that reach sbatch's command line. */
const slurmName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._@+-]{0,127}$/, 'is not a name that Slurm would have');
const absolutePath = z.string().regex(/^\/[^\0\n\r]{0,4000}$/, 'must be an absolute path on the cluster');

const Written = z.object({
  name: DeploymentName.optional(),
  gpus: z.number().optional(),
  cluster: z.string().optional(),
  engine: z.string().optional(),
  time: z.string().optional(),
  partition: slurmName.optional(),
  account: slurmName.optional(),
  qos: slurmName.optional(),
  reservation: slurmName.optional(),
  image: absolutePath.optional(),
  weights: absolutePath.optional(),
  maxModelLen: z.number().optional(),
  dryRun: z.boolean().default(false),
  detach: z.boolean().default(false),
  tunnel: z.boolean().default(false),
  json: z.boolean().default(false),
});

/** Parses the options of `submit` once; after this nobody sees a raw string. */
export function parseSubmitOptions(model: string, options: Options): Result<SubmitOptions> {
  const parsed = Written.safeParse(options);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const option = String(issue?.path[0] ?? '');
    const flag = `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return fail({
      kind: 'usage',
      message: option === 'name' ? nameRule : `${flag} ${issue?.message ?? 'is wrong'}.`,
    });
  }
  const { name, time, cluster, dryRun, detach, tunnel, json, ...wanted } = parsed.data;
  const minutes = time === undefined ? ok(undefined) : parseTimeOption(time);
  if (!minutes.ok) return fail({ kind: 'usage', message: `--time: ${minutes.failure}` });
  const request: Request = {
    model,
    deployment: name,
    gpus: wanted.gpus,
    engine: wanted.engine,
    timeMinutes: minutes.value,
    partition: wanted.partition,
    account: wanted.account,
    qos: wanted.qos,
    reservation: wanted.reservation,
    image: wanted.image,
    weights: wanted.weights,
    maxModelLen: wanted.maxModelLen,
  };
  return ok({ request, cluster, dryRun, detach, tunnel, json });
}

const nameRule =
  '--name must be 1 to 40 lower-case letters, digits and hyphens, with a letter or digit at both ends.';
