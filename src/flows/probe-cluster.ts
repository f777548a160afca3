import { partitionsToLookAt } from '../core/cluster/node-look.ts';
import { readProbe, type Probe } from '../core/cluster/probe.ts';
import type { ClusterProfile } from '../core/cluster/profile.ts';
import { readSections, type Section } from '../core/cluster/sections.ts';
import type { Ids, Remote, Templates } from '../core/ports.ts';
import { preamble } from '../core/remote/preamble.ts';
import { sh } from '../core/render/quote.ts';
import type { Result } from '../core/result.ts';
import { slurmPrelude } from '../core/slurm/environment.ts';

interface ProbePorts {
  readonly templates: Templates;
  readonly ids: Ids;
}

/** Longer than the time that probe.sh gives itself, with slow logins in mind. */
const probeTimeoutMs = 180_000;
/** Three partitions are tried for at most 15 s each, and the files and the job are removed. */
const lookTimeoutMs = 90_000;

/** Directories that the look at a node tests: each costs a file there and here. */
const mostShares = 12;

function script(
  ports: ProbePorts,
  name: string,
  settings: Readonly<Record<string, string>>,
  words: readonly string[],
): string {
  const positional = `set -- ${words.map(sh).join(' ')}\n`;
  return (
    slurmPrelude +
    preamble(settings) +
    positional +
    ports.templates.read('remote/bounded.sh') +
    ports.templates.read(name)
  );
}

/** What the login host has. One round trip. */
export async function probeLogin(
  ports: ProbePorts,
  remote: Remote,
  wanted: { readonly root: string | undefined; readonly search: readonly string[] },
): Promise<Result<Probe>> {
  const mark = `@${ports.ids.base32(12)}`;
  const output = await remote.run({
    what: 'read what the cluster has',
    text: script(ports, 'remote/probe.sh', { mark, root: wanted.root ?? '' }, wanted.search),
    timeoutMs: probeTimeoutMs,
  });
  if (!output.ok) return output;
  return readProbe(readSections(output.value.stdout, output.value.stderr, mark), remote.host);
}

/** What a compute node has; undefined where none could be looked at, which `init` can do without. One round trip. */
export async function lookOnNode(
  ports: ProbePorts,
  remote: Remote,
  {
    probe,
    profile,
  }: {
    readonly probe: Pick<Probe, 'nodes' | 'slurmBin' | 'defaultAccount'>;
    readonly profile: ClusterProfile;
  },
): Promise<Section | undefined> {
  const partitions = partitionsToLookAt(profile.partitions, probe.nodes);
  if (partitions.length === 0) return undefined;
  const mark = `@${ports.ids.base32(12)}`;
  const needsAccount = profile.accounts.length > 0 && probe.defaultAccount === undefined;
  const settings = {
    mark,
    name: `hs-look-${ports.ids.base32(10)}`,
    slurm_bin: probe.slurmBin ?? '',
    partitions: partitions.join(' '),
    account: needsAccount ? (profile.accounts[0]?.name ?? '') : '',
  };
  const shares = profile.fileSystems
    .filter((candidate) => candidate.writable)
    .slice(0, mostShares)
    .map((candidate) => candidate.path);
  const output = await remote.run({
    what: 'look at a compute node',
    text: script(ports, 'remote/look-on-node.sh', settings, shares),
    timeoutMs: lookTimeoutMs,
  });
  if (!output.ok) return undefined;
  return readSections(output.value.stdout, output.value.stderr, mark).byName.get('node');
}
