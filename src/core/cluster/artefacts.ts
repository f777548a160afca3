import type { ClusterProfile } from './profile.ts';
import { valuesOf, type Section } from './sections.ts';

export type Image = ClusterProfile['images'][number];
export type Weights = ClusterProfile['models'][number];
export type Program = ClusterProfile['programs'][number];

/** The catalog's name for weights, by the name of their file or directory; undefined where that does not tell. */
export type RecogniseModel = (name: string) => string | undefined;

/** Engines by words in the names of their images; Triton's with TensorRT-LLM name both, and are Triton's. */
const engineWords: readonly (readonly [RegExp, string])[] = [
  [/triton/, 'triton'],
  [/trt-?llm|tensorrt/, 'trtllm-serve'],
  [/vllm/, 'vllm'],
  [/sglang/, 'sglang'],
  [/text-generation-inference|(?:^|[^a-z])tgi(?:[^a-z]|$)/, 'tgi'],
  [/ollama/, 'ollama'],
  [/llama/, 'llamacpp'],
];

function engineIn(text: string): string | undefined {
  return engineWords.find(([word]) => word.test(text.toLowerCase()))?.[1];
}

function lastStep(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function linesOf(section: Section | undefined): readonly string[] {
  return (section?.output ?? '').split('\n').filter((line) => line.startsWith('/'));
}

/** Labels of an image, wherever in `apptainer inspect --json` this version puts them. */
function labelsOf(section: Section | undefined): Readonly<Record<string, unknown>> {
  try {
    const document = JSON.parse(section?.output ?? '') as {
      data?: { attributes?: { labels?: Record<string, unknown> } };
    } | null;
    return document?.data?.attributes?.labels ?? {};
  } catch {
    return {};
  }
}

function textLabel(labels: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = labels[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The images that were found, and the paths of those whose engine neither a label nor the name tells. */
export function imagesOf(sections: ReadonlyMap<string, Section>): {
  readonly images: readonly Image[];
  readonly unknown: readonly string[];
} {
  const images: Image[] = [];
  const unknown: string[] = [];
  for (const path of linesOf(sections.get('files')).filter((file) => file.endsWith('.sif'))) {
    const labels = labelsOf(sections.get(`labels ${path}`));
    const title = textLabel(labels, 'org.opencontainers.image.title') ?? '';
    const engine = textLabel(labels, 'org.hpc-serve.engine') ?? engineIn(lastStep(path)) ?? engineIn(title);
    if (engine === undefined) {
      unknown.push(path);
      continue;
    }
    const version =
      textLabel(labels, 'org.hpc-serve.engine.version') ??
      textLabel(labels, 'org.hpc-serve.version') ??
      /\d+\.\d+(?:\.\d+)?/.exec(lastStep(path).replace(/\.sif$/, ''))?.[0];
    images.push({ engine, path, ...(version === undefined ? {} : { version }) });
  }
  return { images, unknown };
}

/** Names in a profile: lower case, DNS-like, at most 60 characters. */
function slug(text: string): string {
  const plain = text.toLowerCase().replaceAll(/[^a-z0-9.]+/g, '-');
  return plain.replaceAll(/^[-.]+|[-.]+$/g, '').slice(0, 60);
}

/** The catalog's name for the weights at `path`, from the nearest of its last steps that tells; else a name of its own. */
function modelName(path: string, recognise: RecogniseModel): string {
  const steps = path.split('/').filter((step) => step !== '');
  for (const step of steps.slice(-3).reverse()) {
    const known = recognise(step);
    if (known !== undefined) return known;
  }
  const hub = steps
    .find((step) => step.startsWith('models--'))
    ?.split('--')
    .at(-1);
  const file = (steps.at(-1) ?? '').replace(/(?:-00001-of-\d{5})?\.gguf$/, '');
  const own = hub ?? (/^(?:model|ggml-model)(?:[-.]|$)/.test(file) ? (steps.at(-2) ?? file) : file);
  return slug(own) || 'model';
}

/** Parts after the first, and projectors of vision models, which are no models by themselves. */
const notAModel = /-(?!00001-of)\d{5}-of-\d{5}\.gguf$|(?:^|\/)mmproj[^/]*\.gguf$/i;

/** The weights that were found: GGUF files, and directories with a config.json and safetensors. */
export function weightsOf(section: Section | undefined, recognise: RecogniseModel): readonly Weights[] {
  const files = linesOf(section);
  const configured = new Set(files.filter((file) => lastStep(file) === 'config.json').map(directoryOf));
  const directories = new Set(
    files
      .filter((file) => file.endsWith('.safetensors'))
      .map(directoryOf)
      .filter((directory) => configured.has(directory)),
  );
  const ggufs = files.filter((file) => file.endsWith('.gguf') && !notAModel.test(file));
  const weights: Weights[] = [
    ...[...directories].map((path) => ({ path, format: 'safetensors' as const })),
    ...ggufs.map((path) => ({ path, format: 'gguf' as const })),
  ].map(({ path, format }) => ({ model: modelName(path, recognise), path, format }));
  return weights.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Engines by the name of their server program. */
const serverPrograms: Readonly<Record<string, string>> = {
  'llama-server': 'llamacpp',
  vllm: 'vllm',
  'trtllm-serve': 'trtllm-serve',
  tritonserver: 'triton',
  'text-generation-launcher': 'tgi',
  ollama: 'ollama',
};

/** Engines that are installed without a container, by the lines `engine=<program> <path>` of a section. */
export function programsOf(section: Section | undefined): readonly Program[] {
  return valuesOf(section, 'engine').flatMap((line) => {
    const [program = '', ...rest] = line.split(' ');
    const engine = serverPrograms[program];
    const path = rest.join(' ');
    return engine !== undefined && path.startsWith('/') ? [{ engine, path }] : [];
  });
}
