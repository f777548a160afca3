import { findModel, type Model } from '../catalog/model.ts';
import type { ClusterProfile } from '../cluster/profile.ts';
import { withPrecision } from '../catalog/make-model.ts';
import { DeploymentName, jobNameOf, type AttemptId } from '../names.ts';
import type { Instant } from '../ports.ts';
import { fail, ok, type Result } from '../result.ts';
import { decisionsOf, warningsOf } from './explain.ts';
import { noPlace } from './no-place.ts';
import { figuresOf, modelFigures } from './outline.ts';
import { jobPaths } from './paths.ts';
import { placements, type Candidate, type FreeGpus, type PlacementQuestion } from './placement.ts';
import type { Placement, Plan, PlannedModel, Replica } from './plan.ts';
import type { Request } from './request.ts';
import { asked } from './search.ts';
import { choosePrecision, chooseSources, type PrecisionChoice, type Sources } from './sources.ts';

/** All that a plan depends on. The same input gives the same plan. */
export interface PlanInput {
  readonly request: Request;
  readonly profile: ClusterProfile;
  /** In place of the catalog's entry for `request.model`. */
  readonly model?: Model | undefined;
  readonly now: Instant;
  readonly attempt: AttemptId;
  /** The command that its refusals suggest; default `submit`. */
  readonly verb?: 'plan' | 'submit';
  /** GPUs that are free now, where somebody looked: places that start at once are preferred. */
  readonly free?: readonly FreeGpus[];
}

/** A model's name as a DNS label: `llama3.1-70b` is served as the deployment `llama3-1-70b`. */
function deploymentNameFor(modelName: string): DeploymentName {
  const label = modelName.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return DeploymentName.parse(label.slice(0, 40).replaceAll(/^-+|-+$/g, ''));
}

/** Paths that a container's bind specification and Slurm's file names take literally. */
const plainPath = /^\/[^:,\\\p{Cc}]*$/u;

function checkPaths(paths: readonly (string | null)[]): Result<undefined> {
  const odd = paths.find((path) => path !== null && !plainPath.test(path));
  if (odd === undefined) return ok(undefined);
  return fail({
    kind: 'usage',
    message: `the path ${JSON.stringify(odd)} can't be handed to a container or to Slurm`,
    hint: 'Paths must be absolute and without colons, commas, backslashes and control characters; a symbolic link helps.',
  });
}

/** Decides everything about one job, or says why it can't run and what could. */
export function makePlan(input: PlanInput): Result<Plan> {
  const choices = choicesOf(input);
  return choices.ok ? ok(assemble(input, choices.value)) : choices;
}

/** The plan of makePlan, and those for other places, the best of each partition first; at most so many. */
export function makePlans(input: PlanInput, most: number): Result<readonly Plan[]> {
  const choices = choicesOf(input);
  if (!choices.ok) return choices;
  const { place, others } = choices.value;
  const all = [place, ...others];
  const firsts = all.filter(
    (one, index) => all.findIndex(({ partition }) => partition.name === one.partition.name) === index,
  );
  const places = [...firsts, ...all.filter((one) => !firsts.includes(one))].slice(0, most);
  return ok(places.map((one) => assemble(input, { ...choices.value, place: one })));
}

function choicesOf(input: PlanInput): Result<Choices> {
  const { request, profile } = input;
  const named = input.model === undefined ? findModel(request.model) : ok(input.model);
  if (!named.ok) return named;
  const sources = chooseSources(request, profile, named.value);
  if (!sources.ok) return sources;
  const { weights, program } = sources.value;
  const paths = checkPaths([profile.root, weights.path, program.image]);
  if (!paths.ok) return paths;
  const question = placementQuestion(input, named.value, sources.value);
  const { candidates, reasons } = placements(question);
  const [best, ...others] = candidates;
  if (best === undefined) {
    const again = (changed: Request): PlacementQuestion =>
      placementQuestion({ ...input, request: changed }, named.value, sources.value);
    return fail(noPlace(request, profile, reasons, { verb: input.verb ?? 'submit', question: again }));
  }
  const precision = choosePrecision(request, named.value, sources.value);
  return ok({ model: question.layout.model, precision, sources: sources.value, place: best, others });
}

function placementQuestion(
  { request, profile, free }: PlanInput,
  named: Model,
  sources: Sources,
): PlacementQuestion {
  const { engine, program } = sources;
  const model = withPrecision(named, choosePrecision(request, named, sources).precision);
  const version = request.engineVersion ?? program.version;
  const layout = { model, engine, version, gpus: request.gpus, acrossNodes: false, ...asked(request) };
  return { request, profile, layout, free: free ?? [] };
}

/** The choices that a plan is put together from. */
export interface Choices {
  readonly model: Model;
  readonly precision: PrecisionChoice;
  readonly sources: Sources;
  readonly place: Candidate;
  /** Places that would have done as well. */
  readonly others: readonly Candidate[];
}

function assemble(input: PlanInput, choices: Choices): Plan {
  const { request, profile, attempt } = input;
  const { model, place, sources } = choices;
  const { layout } = place;
  const deployment = request.deployment ?? deploymentNameFor(model.name);
  return {
    format: 1,
    deployment,
    attempt,
    jobName: jobNameOf(deployment, attempt),
    cluster: profile.name,
    slurm: { version: profile.slurm.version, bin: profile.slurm.bin ?? null },
    createdAt: new Date(input.now).toISOString(),
    ...figuresOf(
      { model, engine: sources.engine, ...versionOf(input, sources), layout, minutes: place.minutes },
      request,
    ),
    model: plannedModel(model, sources),
    engine: plannedEngine(choices),
    placement: placementOf(request, choices),
    paths: jobPaths(profile.root, deployment, attempt),
    replicas: replicasOf(place),
    decisions: decisionsOf(choices),
    warnings: warningsOf(choices, input),
  };
}

function versionOf({ request }: PlanInput, { program }: Sources): { readonly version: string | null } {
  return { version: request.engineVersion ?? program.version };
}

function plannedModel(model: Model, { weights }: Sources): PlannedModel {
  return {
    ...modelFigures(model),
    servedName: model.name,
    weightsPath: weights.path,
    format: weights.format,
  };
}

function plannedEngine({ model, precision, sources, place }: Choices): Plan['engine'] {
  const { engine, program } = sources;
  const { sharding, capacity, load } = place.layout;
  const { argv, environment } = engine.command({
    servedName: model.name,
    ...sharding,
    load,
    quantization: precision.quantization,
    maxModelLen: capacity.maxModelLen,
    concurrentRequests: capacity.concurrentRequests,
    version: program.version,
  });
  return {
    name: engine.name,
    version: program.version,
    runtime: program.runtime,
    runtimePath: program.runtimePath,
    image: program.image,
    argv: program.program === null ? argv : [program.program, ...argv.slice(1)],
    environment,
    readiness: engine.readiness(model.name),
  };
}

/** More CPUs than this per GPU only make a job wait longer. */
const cpusPerGpu = 8;
/** Host memory of a replica beside its weights: CUDA context, pinned buffers, Python. */
const hostMiB = 16 * 1024;

function placementOf(request: Request, { place, model }: Choices): Placement {
  const { group, gpusPerNode } = place;
  const gpusOfNode = group.gpus.reduce((sum, { count }) => sum + count, 0);
  const share = gpusPerNode / gpusOfNode;
  const replicas = gpusPerNode / place.layout.gpus;
  // Weights go through the page cache, which counts as the job's memory but is given back under pressure.
  const weightsMiB = (model.parameters * model.weightBits) / 8 / 2 ** 20;
  return {
    partition: place.partition.name,
    account: place.access.account,
    qos: place.access.qos,
    reservation: request.reservation ?? null,
    nodes: place.nodes,
    gpusPerNode,
    gpu: place.gpu.id,
    gres: place.gres,
    cpusPerNode: Math.max(1, Math.min(Math.floor(group.cpus * share), cpusPerGpu * gpusPerNode)),
    memoryPerNodeMiB: Math.floor(Math.min(group.memoryMiB * share * 0.95, weightsMiB + replicas * hostMiB)),
    timeLimitMinutes: place.minutes,
    exclude: [],
  };
}

/** Replicas in order, filling node after node; each has a run of neighbouring GPUs. */
function replicasOf({ replicas, nodes, layout }: Candidate): readonly Replica[] {
  const perNode = replicas / nodes;
  return Array.from({ length: replicas }, (_, index) => ({
    index,
    node: Math.floor(index / perNode),
    gpus: Array.from({ length: layout.gpus }, (__, gpu) => (index % perNode) * layout.gpus + gpu),
  }));
}
