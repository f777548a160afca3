import { findGpu, listGpus } from '../core/catalog/gpu.ts';
import { modelFromConfig, type ModelIdentity } from '../core/catalog/make-model.ts';
import { findModel, type Model } from '../core/catalog/model.ts';
import type { ClusterProfile } from '../core/cluster/profile.ts';
import { findPlanningEngine } from '../core/engines/registry.ts';
import { AttemptId } from '../core/names.ts';
import { suggestions } from '../core/nearest.ts';
import { makePlan, makePlans } from '../core/plan/make-plan.ts';
import { outline, outlineOn } from '../core/plan/outline.ts';
import type { Plan, PlanOutline } from '../core/plan/plan.ts';
import type { Request } from '../core/plan/request.ts';
import { differences, readSavedPlan, type SavedPlan } from '../core/plan/saved-plan.ts';
import type { Clock, Ids, LocalFiles } from '../core/ports.ts';
import { fail, ok, type Result } from '../core/result.ts';

export interface PlanPorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly files: LocalFiles;
}

/** Real ones are some kilobytes. */
const largestConfig = 4 * 2 ** 20;
const largestPlan = 2 ** 20;

/** A model that is not in the catalog: its name and the text of its config.json. */
export interface GivenModel {
  readonly model: Model;
  readonly text: string;
}

/** A model outside the catalog is called what the user calls it. */
function identityOf(name: string): ModelIdentity {
  return { name, huggingFaceId: name, aliases: [], gated: false };
}

/** Reads a model's config.json from a file of this machine. */
export async function readModelConfig(
  files: LocalFiles,
  name: string,
  path: string,
): Promise<Result<GivenModel>> {
  const text = await files.read(path, largestConfig);
  if (!text.ok) return text;
  const model = modelFromConfig(identityOf(name), text.value, path);
  return model.ok ? ok({ model: model.value, text: text.value }) : model;
}

/** GPUs without a cluster around them. */
export interface GivenHardware {
  readonly gpu: string;
  readonly gpusPerNode: number;
}

function modelOf(request: Request, given: GivenModel | undefined): Result<Model> {
  return given === undefined ? findModel(request.model) : ok(given.model);
}

/** Plans for hardware alone. */
export function planHardware(
  request: Request,
  { gpu: id, gpusPerNode }: GivenHardware,
  given: GivenModel | undefined,
): Result<PlanOutline> {
  const model = modelOf(request, given);
  if (!model.ok) return model;
  const engine = findPlanningEngine(request.engine ?? 'vllm');
  if (!engine.ok) return engine;
  const gpu = findGpu(id);
  if (gpu === undefined) {
    const near = suggestions(
      id,
      listGpus().map((known) => known.id),
    );
    return fail({
      kind: 'usage',
      message: `The catalog has no GPU "${id}".`,
      hint: `${near.length > 0 ? `Did you mean ${near.join(' or ')}? ` : ''}All GPUs: \`hpc-serve gpus\`.`,
    });
  }
  const nodes = Math.max(mostNodes, Math.ceil((request.gpus ?? 1) / gpusPerNode));
  return outline({
    request,
    model: model.value,
    engine: engine.value,
    hardware: { gpu, gpusPerNode, nodes },
  });
}

/** A job larger than this is asked for by --gpus. */
const mostNodes = 8;

/** A plan that can be submitted, or only looked at: something on the cluster is missing then. */
export type Planned =
  { readonly kind: 'plan'; readonly plan: Plan } | { readonly kind: 'outline'; readonly plan: PlanOutline };

/** Plans for a cluster; touches nothing. Missing weights or images are warnings, for a plan may come before them. */
export function planCluster(
  ports: Pick<PlanPorts, 'clock' | 'ids'>,
  profile: ClusterProfile,
  request: Request,
  given: GivenModel | undefined,
): Result<Planned> {
  const attempt = AttemptId.parse(ports.ids.base32(10));
  const now = ports.clock.now();
  const made = makePlan({ request, profile, attempt, now, model: given?.model, verb: 'plan' });
  if (made.ok) return ok({ kind: 'plan', plan: made.value });
  const { failure } = made;
  if (!['weights-missing', 'image-missing', 'plan-impossible', 'engine-unknown'].includes(failure.kind))
    return made;
  const model = modelOf(request, given);
  if (!model.ok) return model;
  const engine = findPlanningEngine(request.engine ?? profile.defaults.engine ?? 'vllm');
  if (!engine.ok) return engine;
  const drawn = outlineOn({ request, profile, model: model.value, engine: engine.value, failure });
  return drawn.ok ? ok({ kind: 'outline', plan: drawn.value }) : drawn;
}

/** Places beyond these are not asked about: each costs Slurm's controller a pass of its scheduler. */
const mostPlaces = 4;

/** The plan, and those for other places that would do. */
export function planPlaces(
  ports: Pick<PlanPorts, 'clock' | 'ids'>,
  profile: ClusterProfile,
  request: Request,
  given: GivenModel | undefined,
): Result<readonly Plan[]> {
  const attempt = AttemptId.parse(ports.ids.base32(10));
  const now = ports.clock.now();
  return makePlans({ request, profile, attempt, now, model: given?.model, verb: 'plan' }, mostPlaces);
}

/** Reads a saved plan from a file of this machine. */
export async function loadPlan(files: LocalFiles, path: string): Promise<Result<SavedPlan>> {
  const text = await files.read(path, largestPlan);
  return text.ok ? readSavedPlan(path, text.value) : text;
}

/** Makes a saved plan again and refuses it where it comes out differently; gives the model that it is for. */
export function checkPlan(
  profile: ClusterProfile,
  { file, saved, request }: { readonly file: string; readonly saved: SavedPlan; readonly request: Request },
): Result<Model | undefined> {
  const { model: name } = saved.asked;
  const model =
    saved.modelConfig === null ? ok(undefined) : modelFromConfig(identityOf(name), saved.modelConfig, file);
  if (!model.ok) return model;
  const attempt = AttemptId.safeParse(saved.plan.attempt);
  if (!attempt.success) return fail({ kind: 'local-file', path: file, because: 'its attempt is no attempt' });
  const today = makePlan({
    ...{ request, profile, attempt: attempt.data, model: model.value },
    now: Date.parse(saved.plan.createdAt) || 0,
  });
  if (!today.ok) return today;
  const changed = differences(saved.plan, today.value);
  return changed.length === 0 ? model : fail({ kind: 'plan-stale', file, differences: changed });
}
