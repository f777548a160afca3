import { findModel, recogniseModel, type Model } from '../catalog/model.ts';
import type { WeightPrecision } from '../model-config/precision.ts';
import type { ClusterProfile } from '../cluster/profile.ts';
import type { Engine } from '../engines/engine.ts';
import { engines, findEngine } from '../engines/registry.ts';
import { fail, ok, type Result } from '../result.ts';
import type { PlannedEngine, PlannedModel } from './plan.ts';
import type { Request } from './request.ts';

/** Where the weights are, and why these. */
export interface WeightsSource {
  readonly path: string;
  readonly format: PlannedModel['format'];
  readonly because: string;
}

/** 16-bit checkpoints, which an engine can narrow while it loads them. */
const wide: readonly (WeightPrecision | undefined)[] = ['bf16', 'fp16'];

/** What becomes of the weights' precision: what is planned with, what the engine is told, and what is amiss. */
export interface PrecisionChoice {
  readonly precision: WeightPrecision;
  readonly quantization: 'fp8' | null;
  readonly because: string;
  readonly warning: string | null;
}

/** The precision that the name of the weights' file or directory tells, where it names this model; else the model's own. */
function checkpointPrecision({ path, format }: WeightsSource, model: Model): WeightPrecision {
  const named = findModel(path.replace(/\/+$/, '').split('/').at(-1) ?? '');
  const isNamed = format === 'safetensors' && named.ok && named.value.name === model.name;
  return isNamed ? named.value.precision : model.precision;
}

/** Takes the checkpoint as it is, or narrowed as it was asked for where the engine can do that. */
export function choosePrecision(
  request: Request,
  model: Model,
  { engine, weights }: Sources,
): PrecisionChoice {
  const has = checkpointPrecision(weights, model);
  const precision = request.precision ?? has;
  const plain = { precision, quantization: null, warning: null };
  if (precision === has) return { ...plain, because: 'the checkpoint has it' };
  // Only 8-bit floats need no calibration: vLLM narrows 16-bit weights to them while it loads.
  if (precision === 'fp8' && wide.includes(has) && engine.name === 'vllm') {
    return {
      ...plain,
      quantization: 'fp8',
      because: `you asked for it, and ${engine.title} narrows ${has} while it loads`,
    };
  }
  const warning = `${weights.path} must be a checkpoint in ${precision}: ${engine.title} does not convert ${has}.`;
  return { ...plain, because: 'you asked for it', warning };
}

/** How the engine's program is started, and why so. */
export interface ProgramSource extends Pick<PlannedEngine, 'version' | 'runtime' | 'runtimePath' | 'image'> {
  /** Absolute path of the program on the node; null where the image or the PATH has it. */
  readonly program: string | null;
  readonly because: string;
}

/** What a replica is made from. */
export interface Sources {
  readonly engine: Engine;
  readonly engineBecause: string;
  readonly weights: WeightsSource;
  readonly program: ProgramSource;
}

function formatOf(path: string): PlannedModel['format'] {
  return path.toLowerCase().endsWith('.gguf') ? 'gguf' : 'safetensors';
}

function isSameModel(model: Model, entry: ClusterProfile['models'][number]): boolean {
  const named = findModel(entry.model);
  return (named.ok ? named.value.name : recogniseModel(entry.path)) === model.name;
}

/** The weights that could be served, the likeliest first. */
function weightsOf(request: Request, profile: ClusterProfile, model: Model): readonly WeightsSource[] {
  if (request.weights !== undefined) {
    const path = request.weights;
    return [{ path, format: formatOf(path), because: 'you named this path' }];
  }
  return profile.models
    .filter((entry) => isSameModel(model, entry))
    .map(({ path, format }) => ({ path, format, because: `the profile lists it for ${model.name}` }));
}

/** Prefers runtimes that run an image file as an ordinary user, without a daemon. */
const runtimeOrder = ['apptainer', 'singularity'] as const;

function fromImage(request: Request, profile: ClusterProfile, engine: Engine): ProgramSource | undefined {
  const listed = profile.images.find((image) => image.engine === engine.name);
  const image = request.image ?? listed?.path;
  const runtime = runtimeOrder
    .map((kind) => profile.runtimes.find((candidate) => candidate.kind === kind))
    .find((candidate) => candidate !== undefined);
  if (image === undefined || runtime === undefined) return undefined;
  const asked = request.image !== undefined;
  return {
    image,
    program: null,
    version: asked ? null : (listed?.version ?? null),
    runtime: runtime.kind,
    runtimePath: runtime.path ?? runtime.kind,
    because: asked ? 'you named this image' : `the profile lists it for ${engine.title}`,
  };
}

function withoutContainer(profile: ClusterProfile, engine: Engine): ProgramSource | undefined {
  const bare = { image: null, version: null, runtime: 'none', runtimePath: null } as const;
  const listed = profile.programs.find((program) => program.engine === engine.name);
  if (listed !== undefined) {
    return { ...bare, program: listed.path, because: `the profile lists this program of ${engine.title}` };
  }
  if (!profile.runtimes.some(({ kind }) => kind === 'none')) return undefined;
  return { ...bare, program: null, because: 'the profile says that programs run without a container' };
}

/** An image if there is one and something to run it; else a program on the nodes. */
function programOf(request: Request, profile: ClusterProfile, engine: Engine): ProgramSource | undefined {
  const image = fromImage(request, profile, engine);
  if (image !== undefined || request.image !== undefined) return image;
  return withoutContainer(profile, engine);
}

/** What was looked for in vain, so that the message can say it. */
function missingProgram(request: Request, profile: ClusterProfile, engine: Engine): Result<never> {
  const kinds = profile.runtimes.map(({ kind }) => kind).join(', ') || 'none';
  const images = profile.images.map((image) => `${image.engine}: ${image.path}`);
  const searched = [
    ...(request.image === undefined ? [] : [`--image ${request.image}`]),
    `images of the profile ${profile.name} (${images.join('; ') || 'it lists none'})`,
    `runtimes of the profile (${kinds}); images need apptainer or singularity`,
    ...(request.image === undefined ? ['programs of the profile (none for this engine)'] : []),
  ];
  return fail({ kind: 'image-missing', engine: engine.name, searched });
}

/** Chooses engine, weights and program together: weights decide which engines can read them. */
export function chooseSources(request: Request, profile: ClusterProfile, model: Model): Result<Sources> {
  const found = weightsOf(request, profile, model);
  const wanted = request.engine ?? profile.defaults.engine;
  let candidates = engines;
  if (wanted !== undefined) {
    const named = findEngine(wanted);
    if (!named.ok) return named;
    candidates = [named.value];
  }
  const pairs = found.flatMap((weights) =>
    candidates
      .filter(({ formats }) => formats.includes(weights.format))
      .map((engine) => ({ weights, engine })),
  );
  const first = pairs[0];
  if (first === undefined) {
    const reads = candidates.flatMap(({ title, formats }) => `${title} reads ${formats.join(' and ')}`);
    const seen = found.map(({ path, format }) => `${path} (${format}; ${reads.join(', ')})`);
    const listed = profile.models.map((entry) => `${entry.model}: ${entry.path}`);
    const searched = [
      ...seen,
      `models of the profile ${profile.name} (${listed.join('; ') || 'it lists none'})`,
    ];
    return fail({ kind: 'weights-missing', model: model.name, searched });
  }
  for (const { weights, engine } of pairs) {
    const program = programOf(request, profile, engine);
    if (program === undefined) continue;
    const engineBecause = wanted === undefined ? `it reads ${weights.format} weights` : 'it was named';
    return ok({ engine, engineBecause, weights, program });
  }
  return missingProgram(request, profile, first.engine);
}
