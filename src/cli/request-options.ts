import * as z from 'zod';
import { weightPrecisions } from '../core/model-config/precision.ts';
import { DeploymentName } from '../core/names.ts';
import type { Request } from '../core/plan/request.ts';
import { objectives } from '../core/plan/traffic.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { parseTimeOption } from '../core/slurm/duration.ts';
import type { Options } from './define.ts';

/** Names of Slurm that reach sbatch's command line. */
const slurmName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._@+-]{0,127}$/, 'is not a name that Slurm would have');
const absolutePath = z.string().regex(/^\/[^\0\n\r]{0,4000}$/, 'must be an absolute path on the cluster');
const Precision = z.enum(weightPrecisions);
/** `vllm`, or `vllm@0.15.1`. */
const Engine = z.string().regex(/^[\w.-]{1,64}(?:@v?\d[\w.+-]{0,40})?$/, 'must be a name, or name@version');

const Written = z.object({
  name: DeploymentName.optional(),
  gpus: z.number().optional(),
  engine: Engine.optional(),
  time: z.string().optional(),
  partition: slurmName.optional(),
  account: slurmName.optional(),
  qos: slurmName.optional(),
  reservation: slurmName.optional(),
  image: absolutePath.optional(),
  weights: z
    .union([Precision, absolutePath], {
      error: `must be an absolute path on the cluster, or one of ${weightPrecisions.join(', ')}`,
    })
    .optional(),
  precision: Precision.optional(),
  maxModelLen: z.number().optional(),
  kvCache: z.enum(['auto', 'fp8']).optional(),
  tensor: z.number().optional(),
  pipeline: z.number().optional(),
  expert: z.number().optional(),
  gpuMemoryUtilization: z.number().optional(),
  maxNumSeqs: z.number().optional(),
  maxNumBatchedTokens: z.number().optional(),
  optimize: z.enum(objectives).optional(),
  concurrency: z.number().optional(),
  inputTokens: z.number().optional(),
  outputTokens: z.number().optional(),
  maxLatency: z.number().optional(),
});

/** Parses the options that say what to serve and how; after this nobody sees a raw string. */
export function parseRequest(model: string, options: Options): Result<Request> {
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
  return requestOf(model, parsed.data);
}

function requestOf(model: string, written: z.infer<typeof Written>): Result<Request> {
  const minutes = written.time === undefined ? ok(undefined) : parseTimeOption(written.time);
  if (!minutes.ok) return fail({ kind: 'usage', message: `--time: ${minutes.failure}` });
  const [engine, engineVersion] = written.engine?.split('@') ?? [];
  const precision = Precision.safeParse(written.weights);
  return ok({
    model,
    deployment: written.name,
    engine,
    engineVersion,
    timeMinutes: minutes.value,
    ...where(written),
    precision: written.precision ?? precision.data,
    weights: precision.success ? undefined : written.weights,
    maxModelLen: written.maxModelLen,
    kvCache: written.kvCache,
    tensor: written.tensor,
    pipeline: written.pipeline,
    expert: written.expert,
    gpuMemoryUtilization: written.gpuMemoryUtilization,
    maxNumSeqs: written.maxNumSeqs,
    maxNumBatchedTokens: written.maxNumBatchedTokens,
    optimize: written.optimize,
    concurrency: written.concurrency,
    inputTokens: written.inputTokens,
    outputTokens: written.outputTokens,
    maxLatencyMs: written.maxLatency,
  });
}

type Where = Pick<Request, 'gpus' | 'partition' | 'account' | 'qos' | 'reservation' | 'image'>;

function where({ gpus, partition, account, qos, reservation, image }: z.infer<typeof Written>): Where {
  return { gpus, partition, account, qos, reservation, image };
}

const nameRule =
  '--name must be 1 to 40 lower-case letters, digits and hyphens, with a letter or digit at both ends.';
