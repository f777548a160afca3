import type { DeploymentSummary } from '../deployment/records.ts';
import type { Plan } from '../plan/plan.ts';
import type { Templates } from '../ports.ts';
import { sbatchArguments, type SbatchOptions } from '../slurm/sbatch.ts';
import { parseSlurmVersion } from '../slurm/version.ts';
import type { Bundle, BundleFile } from './bundle.ts';
import { fill } from './template.ts';

/** Seconds before the time limit at which the job is told to drain. Slurm may send the signal a minute early. */
const drainSeconds = 600;

/** What must not stand in a plan. */
export interface JobSecrets {
  /** The key that clients send; printable ASCII without blanks and quotes. */
  readonly apiKey: string;
}

const keyPattern = /^[A-Za-z0-9._~-]{16,256}$/;

/** Files and `sbatch` arguments of a job: a pure function of the plan, the templates and the key. */
export function renderJob(plan: Plan, templates: Templates, secrets: JobSecrets): Bundle {
  if (!keyPattern.test(secrets.apiKey))
    throw new TypeError('the API key has characters that curl or JSON would change');
  const values = templateValues(plan);
  const script = (name: string, mode: BundleFile['mode']): BundleFile => ({
    path: name,
    mode,
    content: fill(templates.read(`job/${name}.hbs`), values),
  });
  const files: readonly BundleFile[] = [
    script('job.sh', 0o700),
    script('node.sh', 0o700),
    script('records.sh', 0o600),
    script('settings.sh', 0o600),
    { path: 'plan.json', mode: 0o600, content: `${JSON.stringify(plan, null, 2)}\n` },
    { path: 'summary.json', mode: 0o600, content: `${JSON.stringify(summaryOf(plan))}\n` },
    { path: 'key', mode: 0o600, content: secrets.apiKey, secret: true },
  ];
  return { files, directories: ['logs', 'events', 'endpoints'], sbatch: sbatchArguments(submission(plan)) };
}

/** The directory that a container must see for these weights. A hub snapshot holds links into its repository's `blobs`. */
function weightsDirectory({ weightsPath, format }: Plan['model']): string {
  const hub = /^(.*\/models--[^/]+)\/snapshots(?:\/|$)/.exec(weightsPath);
  if (hub?.[1] !== undefined) return hub[1];
  return format === 'gguf' ? weightsPath.slice(0, Math.max(1, weightsPath.lastIndexOf('/'))) : weightsPath;
}

/** What the templates name beside the plan's own fields. */
function templateValues(plan: Plan): Readonly<Record<string, unknown>> {
  const perNode = new Set(plan.replicas.map(({ node }) => node));
  return {
    ...plan,
    weightsDirectory: weightsDirectory(plan.model),
    runtimePath: plan.engine.runtimePath ?? '',
    image: plan.engine.image ?? '',
    slurmDirectory: plan.slurm.bin ?? '',
    environment: Object.entries(plan.engine.environment).map(([name, value]) => `${name}=${value}`),
    replicaNodes: plan.replicas.map(({ node }) => node),
    replicaGpus: plan.replicas.map(({ gpus }) => gpus.join(',')),
    // With fewer nodes in use than allocated, some replica's ranks live on the others.
    replicasSpanNodes: perNode.size < plan.placement.nodes ? 1 : 0,
  };
}

function summaryOf(plan: Plan): DeploymentSummary {
  const { placement } = plan;
  return {
    deployment: plan.deployment,
    attempt: plan.attempt,
    model: plan.model.name,
    servedName: plan.model.servedName,
    engine: plan.engine.name,
    partition: placement.partition,
    nodes: placement.nodes,
    gpus: placement.nodes * placement.gpusPerNode,
    gpu: placement.gpu,
    replicas: plan.replicas.length,
    timeLimitMinutes: placement.timeLimitMinutes,
    createdAt: plan.createdAt,
  };
}

/** The arguments of sbatch that ask when the plan's job would start; its script comes on stdin. */
export function startEstimateArguments(plan: Plan): readonly string[] {
  return sbatchArguments({ ...submission(plan), directory: plan.paths.root, testOnly: true }).slice(0, -1);
}

function submission({ jobName, paths, placement, slurm }: Plan): SbatchOptions {
  return {
    script: `${paths.job}/job.sh`,
    jobName,
    directory: paths.job,
    output: `${paths.logs}/job.log`,
    partition: placement.partition,
    account: placement.account,
    qos: placement.qos,
    reservation: placement.reservation,
    nodes: placement.nodes,
    gpusPerNode: placement.gpusPerNode,
    gres: placement.gres,
    cpusPerTask: placement.cpusPerNode,
    memoryPerNodeMiB: placement.memoryPerNodeMiB,
    timeLimitMinutes: placement.timeLimitMinutes,
    // A job that lost its node starts again by itself; records carry the restart count.
    requeue: true,
    exclude: placement.exclude,
    signal: { name: 'USR1', secondsBeforeEnd: drainSeconds },
    version: parseSlurmVersion(slurm.version),
  };
}
