import { findGpu, listGpus } from '../core/catalog/gpu.ts';
import { recogniseModel } from '../core/catalog/model.ts';
import { recogniseGpu } from '../core/catalog/recognise-gpu.ts';
import { assemble, type AssembleOptions, type Assembled } from '../core/cluster/assemble.ts';
import { findingsOf, type Findings } from '../core/cluster/findings.ts';
import type { Probe } from '../core/cluster/probe.ts';
import type { ClusterProfile } from '../core/cluster/profile.ts';
import { profileNameFor } from '../core/cluster/profile-name.ts';
import type { Section } from '../core/cluster/sections.ts';
import type { Event } from '../core/event.ts';
import { suggestions } from '../core/nearest.ts';
import type { Ids, ProfileFile, ProfileFiles, Prompt, Remotes, Templates } from '../core/ports.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { lookOnNode, probeLogin } from './probe-cluster.ts';
import { saveProfile } from './save-profile.ts';

export interface InitPorts {
  readonly remotes: Remotes;
  readonly templates: Templates;
  readonly ids: Ids;
  readonly profiles: ProfileFiles;
  /** Absent where nobody is there to ask, or nobody wants to be asked. */
  readonly prompt: Prompt | undefined;
  readonly signal: AbortSignal;
}

/** What the user asked `init` for. */
export interface InitRequest {
  readonly connection: ClusterProfile['connection'];
  readonly name: string | undefined;
  readonly root: string | undefined;
  /** Directories to look for images and weights in, besides the usual ones. */
  readonly search: readonly string[];
  /** `<gres type>=<GPU of the catalog>`, or the GPU alone for all that are not recognised. */
  readonly gpus: readonly string[];
  /** Whether to look at a compute node, with a job of seconds. */
  readonly lookOnNode: boolean;
  readonly force: boolean;
  readonly dryRun: boolean;
}

export interface InitResult {
  readonly profile: ClusterProfile;
  readonly text: string;
  /** Where it was written; undefined on a dry run. */
  readonly file: ProfileFile | undefined;
  /** `same`: the profile that is there says all that was found. */
  readonly outcome: 'new' | 'changed' | 'same' | 'dry-run';
  /** Parts that differ from the profile that was there. */
  readonly changed: readonly string[];
  readonly findings: Findings;
}

/** Gets to know a cluster in one round trip, or two with a look at a compute node, and writes its profile. */
export async function* init(
  ports: InitPorts,
  request: InitRequest,
): AsyncGenerator<Event, Result<InitResult>> {
  const answers = gpuAnswers(request.gpus);
  if (!answers.ok) return answers;
  const { host } = request.connection;
  yield { event: 'working', text: `reading ${host}` };
  const remote = await ports.remotes.connect(request.connection, ports.signal);
  if (!remote.ok) return remote;
  const hangUp = (): void => void remote.value.close();
  ports.signal.addEventListener('abort', hangUp, { once: true });
  try {
    const probe = await probeLogin(ports, remote.value, request);
    if (wasInterrupted(ports)) return fail({ kind: 'interrupted' });
    if (!probe.ok) return probe;
    const options: AssembleOptions = {
      name: request.name ?? profileNameFor(host, probe.value.config.clusterName),
      connection: request.connection,
      root: request.root,
      recogniseGpu,
      recogniseModel,
      gpus: answers.value,
    };
    let node: Section | undefined;
    if (request.lookOnNode) {
      yield { event: 'working', text: 'looking at a compute node (a job of seconds, without GPUs)' };
      const { profile } = assemble(probe.value, undefined, options);
      node = await lookOnNode(ports, remote.value, { probe: probe.value, profile });
    }
    if (wasInterrupted(ports)) return fail({ kind: 'interrupted' });
    return await settle(ports, request, { probe: probe.value, node, options });
  } finally {
    ports.signal.removeEventListener('abort', hangUp);
    await remote.value.close();
  }
}

/** A function, because the type checker takes a signal that was not aborted before an await for one that never is. */
function wasInterrupted({ signal }: InitPorts): boolean {
  return signal.aborted;
}

interface Seen {
  readonly probe: Probe;
  readonly node: Section | undefined;
  readonly options: AssembleOptions;
}

/** Asks what is left open, and writes the profile. */
async function settle(
  ports: InitPorts,
  request: InitRequest,
  { probe, node, options }: Seen,
): Promise<Result<InitResult>> {
  const first = assemble(probe, node, options);
  const gpus = await askForGpus(ports.prompt, first, options.gpus);
  const assembled = gpus.size === options.gpus.size ? first : assemble(probe, node, { ...options, gpus });
  const profile = await askForAccount(ports.prompt, assembled.profile);
  const saved = await saveProfile(ports, profile, request);
  if (!saved.ok) return saved;
  return ok({
    ...saved.value,
    findings: findingsOf(probe, node, { ...assembled, profile: saved.value.profile }),
  });
}

/** The GPUs named on the command line, by the type in Slurm's gres; `*` stands for every other. */
function gpuAnswers(given: readonly string[]): Result<ReadonlyMap<string, string>> {
  const answers = new Map<string, string>();
  for (const text of given) {
    const [type, id] = text.includes('=')
      ? [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]
      : ['*', text];
    if (findGpu(id) === undefined) {
      const near = suggestions(
        id,
        listGpus().map((gpu) => gpu.id),
      );
      const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : '`hpc-serve gpus` lists them';
      return fail({ kind: 'usage', message: `there is no GPU ${id} in the catalog`, hint });
    }
    answers.set(type, id);
  }
  return ok(answers);
}

async function askForGpus(
  prompt: Prompt | undefined,
  assembled: Assembled,
  known: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const answers = new Map(known);
  if (prompt === undefined) return answers;
  for (const gpu of assembled.unknownGpus) {
    const words = [gpu.gres, ...gpu.features].filter((word) => word !== undefined).join(', ');
    const answer = await prompt.choose(
      `Which GPUs are the ${gpu.count} of each of ${gpu.nodes}${words === '' ? '' : ` (${words})`}?`,
      [
        ...listGpus().map(({ id, name }) => ({ value: id, label: name })),
        { value: '', label: 'none of these, or not known' },
      ],
    );
    if (answer !== undefined && answer !== '') answers.set(gpu.key, answer);
  }
  return answers;
}

/** Where Slurm knows no default among several accounts, a job has to name one. */
async function askForAccount(prompt: Prompt | undefined, profile: ClusterProfile): Promise<ClusterProfile> {
  const names = [...new Set(profile.accounts.map((account) => account.name))];
  if (prompt === undefined || names.length < 2 || profile.accounts.some((account) => account.default)) {
    return profile;
  }
  const account = await prompt.choose(
    'Which account are jobs charged to, where you name none?',
    names.map((name) => ({ value: name, label: name })),
  );
  return account === undefined ? profile : { ...profile, defaults: { ...profile.defaults, account } };
}
