import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readProfile } from '../../src/core/cluster/read-profile.ts';
import type { Event } from '../../src/core/event.ts';
import type { Prompt } from '../../src/core/ports.ts';
import type { Result } from '../../src/core/result.ts';
import { init, type InitRequest, type InitResult } from '../../src/flows/init.ts';
import {
  fakeCluster,
  slurmPrograms,
  type FakeCluster,
  type FakeClusterOptions,
} from '../support/fake-cluster.ts';
import { memoryProfiles } from '../support/memory-profiles.ts';

const clusters: FakeCluster[] = [];
afterEach(() => {
  for (const { directory } of clusters.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function cluster(options: FakeClusterOptions): FakeCluster {
  const made = fakeCluster(options);
  clusters.push(made);
  return made;
}

interface Run {
  readonly result: Result<InitResult>;
  readonly events: readonly Event[];
  readonly texts: Map<string, string>;
}

async function run(
  fake: FakeCluster,
  changes: Partial<InitRequest> = {},
  ports: { prompt?: Prompt; texts?: Map<string, string>; signal?: AbortSignal } = {},
): Promise<Run> {
  const { prompt, texts = new Map<string, string>(), signal = new AbortController().signal } = ports;
  const request: InitRequest = {
    connection: { transport: 'local', host: 'tbx.example' },
    name: undefined,
    root: undefined,
    search: [],
    gpus: [],
    lookOnNode: true,
    force: false,
    dryRun: false,
    ...changes,
  };
  let counter = 0;
  const flow = init(
    {
      remotes: fake.remotes,
      templates: { read: (name) => readFileSync(join(import.meta.dirname, '../../templates', name), 'utf8') },
      ids: { base32: (length) => String.fromCharCode(97 + (counter++ % 26)).repeat(length) },
      profiles: memoryProfiles(texts),
      prompt,
      signal,
    },
    request,
  );
  const events: Event[] = [];
  for (;;) {
    const step = await flow.next();
    if (step.done === true) return { result: step.value, events, texts };
    events.push(step.value);
  }
}

function successOf({ result }: Run): InitResult {
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}

const noSlurm = slurmPrograms('24.11.5');

describe('init', () => {
  it.each(['22.05.8', '24.11.5', '26.05.5'])('reads a cluster of Slurm %s', async (release) => {
    const fake = cluster({ slurm: release });
    const { profile, findings, outcome } = successOf(await run(fake));
    expect(outcome).toBe('new');
    expect(profile.slurm).toMatchObject({
      version: release,
      accounting: true,
      mpi: ['none', 'pmix', 'pmi2', 'pmix_v4'],
    });
    expect(profile.partitions.find(({ name }) => name === 'h100')).toMatchObject({
      maxTime: '2-00:00:00',
      preemptible: false,
      nodes: [{ names: 'node1', cpus: 96, gpus: [{ gres: 'h100', model: 'h100-80', count: 8 }] }],
    });
    expect(profile.partitions.find(({ name }) => name === 'preempt')?.preemptible).toBe(true);
    expect(profile.partitions.find(({ name }) => name === 'debug')?.default).toBe(true);
    expect(profile.accounts.find(({ name }) => name === 'ml')).toMatchObject({
      default: true,
      defaultQos: 'normal',
    });
    expect(profile.qos.find(({ name }) => name === 'limited')).toMatchObject({
      maxGpus: 4,
      maxTime: '02:00:00',
    });
    expect(profile.reservations.map(({ name }) => name)).toContain('mw');
    expect(profile.root).toBe(`${fake.home}/hpc-serve`);
    expect(profile.interfaces.length).toBeGreaterThan(0);
    expect(findings.found.some(({ what }) => what === 'Slurm')).toBe(true);
    expect(fake.trips).toHaveLength(2);
  });

  it('gives the same profile under bash and dash', async () => {
    const [dash, bash] = await Promise.all(
      (['dash', 'bash'] as const).map(async (shell) =>
        successOf(await run(cluster({ slurm: '24.11.5', shell }))),
      ),
    );
    expect(bash?.profile.partitions).toEqual(dash?.profile.partitions);
    expect(bash?.profile.slurm).toEqual(dash?.profile.slurm);
  });

  it('does without everything but scontrol show partition', async () => {
    const scontrol = noSlurm['scontrol']?.replace(/\*"show (node|config|reservation)"\*.*\n/g, '') ?? '';
    const fake = cluster({ programs: { scontrol } });
    const { profile, findings } = successOf(await run(fake, { name: 'bare' }));
    expect(profile.partitions.map(({ name }) => name)).toContain('h100');
    expect(profile.partitions.find(({ name }) => name === 'h100')?.nodes).toMatchObject([
      { names: 'node1', count: 1, cpus: 96, gpus: [{ gres: 'h100', model: 'h100-80', count: 8 }] },
    ]);
    expect(profile.slurm).toMatchObject({ accounting: false, scrontab: false });
    expect(profile.accounts).toEqual([]);
    const notes = findings.notes.map(({ what }) => what);
    expect(notes).toEqual(
      expect.arrayContaining(['Slurm configuration', 'accounting', 'nodes', 'compute node']),
    );
  });

  it('needs no account where there is no accounting', async () => {
    const sacct = "echo 'Slurm accounting storage is disabled' >&2; exit 1";
    const sacctmgr = "echo 'You are not running a supported accounting_storage plugin' >&2; exit 1";
    const { profile } = successOf(await run(cluster({ slurm: '24.11.5', programs: { sacct, sacctmgr } })));
    expect(profile).toMatchObject({ slurm: { accounting: false }, accounts: [], qos: [] });
  });

  it('finds Slurm that only a login shell has in its PATH', async () => {
    const fake = cluster({
      files: { 'home/alice/.bash_profile': 'PATH=$HOME/../../opt/slurm/bin:$PATH\necho Welcome!\n' },
    });
    const { mkdirSync, writeFileSync } = await import('node:fs');
    mkdirSync(join(fake.directory, 'opt/slurm/bin'), { recursive: true });
    for (const [name, body] of Object.entries(slurmPrograms('24.11.5'))) {
      writeFileSync(join(fake.directory, 'opt/slurm/bin', name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    }
    const { profile } = successOf(await run(fake));
    expect(profile.slurm.bin).toContain('opt/slurm/bin');
    expect(profile.partitions.length).toBeGreaterThan(1);
    expect(profile.interfaces.length).toBeGreaterThan(0);
  });

  it('says that there is no Slurm', async () => {
    const { result } = await run(cluster({}));
    expect(result).toMatchObject({ ok: false, failure: { kind: 'remote-command', exitCode: 127 } });
  });

  it('hands on what the controller said, at once', async () => {
    const scontrol = "echo 'slurm_load_partitions error: Unable to contact slurm controller' >&2; exit 1";
    const { result } = await run(cluster({ slurm: '24.11.5', programs: { scontrol } }));
    expect(result).toMatchObject({
      ok: false,
      failure: { kind: 'slurm-unavailable', stderr: expect.stringContaining('Unable to contact') as string },
    });
  });

  it('survives programs that print rubbish, and control characters in what they say', async () => {
    const rubbish = String.raw`printf '\033[2J|a|b\000c\nNodeName=\n=x=\n%s\n' "$*"; printf 'e\033]0;x\007\n' >&2; exit 3`;
    const fake = cluster({
      slurm: '24.11.5',
      programs: {
        sacctmgr: rubbish,
        sacct: rubbish,
        srun: rubbish,
        apptainer: rubbish,
        quota: rubbish,
        lfs: rubbish,
      },
    });
    const { profile, findings } = successOf(await run(fake));
    expect(profile.partitions.length).toBeGreaterThan(1);
    expect(JSON.stringify(findings)).not.toMatch(/\\u001b/);
  });

  it('finds images and weights, and names them', async () => {
    const fake = cluster({
      slurm: '24.11.5',
      files: {
        'data/images/vllm-openai_0.11.0.sif': '',
        'data/images/mystery.sif': '',
        'data/models/Meta-Llama-3-8B-Instruct/config.json': '{}',
        'data/models/Meta-Llama-3-8B-Instruct/model-00001-of-00002.safetensors': '',
        'data/models/own-model.Q4_K_M.gguf': '',
        'data/models/half/config.json': '{}',
      },
    });
    const search = [join(fake.directory, 'data/images'), join(fake.directory, 'data/models')];
    const { profile, findings } = successOf(await run(fake, { search }));
    const own = <T extends { readonly path: string }>(items: readonly T[]): readonly T[] =>
      items.filter(({ path }) => path.startsWith(fake.directory));
    expect(own(profile.images)).toMatchObject([{ engine: 'vllm', version: '0.11.0' }]);
    expect(own(profile.models)).toMatchObject([
      { model: 'llama3-8b', format: 'safetensors' },
      { model: 'own-model.q4-k-m', format: 'gguf' },
    ]);
    expect(findings.notes.some(({ text }) => text.includes('mystery.sif'))).toBe(true);
  });

  it('tests on the node what is shared, and leaves no file behind', async () => {
    const fake = cluster({ slurm: '24.11.5' });
    const { profile } = successOf(await run(fake));
    expect(profile.fileSystems.find(({ path }) => path === fake.home)).toMatchObject({
      shared: true,
      writable: true,
    });
    expect(readdirSync(fake.home)).toEqual([]);
  });

  it('moves the root away from a home that the node does not share', async () => {
    const fake = cluster({
      slurm: '24.11.5',
      files: { 'work/alice/x': '' },
      programs: {
        srun: `while [ "$1" != sh ]; do [ "$1" = --mpi=list ] && exit 0; shift; done
rm -f "$HOME"/.hs-look-*; exec "$@"`,
      },
      environment: { WORK: '' },
    });
    const root = join(fake.directory, 'work/alice/serve');
    const { profile } = successOf(await run(fake, { root }));
    expect(profile.fileSystems.find(({ path }) => path === fake.home)?.shared).toBe(false);
    expect(profile.root).toBe(root);
  });

  it('does not look at a node when told not to', async () => {
    const fake = cluster({ slurm: '24.11.5' });
    const { findings } = successOf(await run(fake, { lookOnNode: false }));
    expect(fake.trips).toHaveLength(1);
    expect(findings.notes.map(({ what }) => what)).toContain('compute node');
  });

  it('writes nothing after Ctrl-C', async () => {
    const abort = new AbortController();
    const srun = noSlurm['srun'] ?? '';
    const fake = cluster({ slurm: '24.11.5', programs: { srun: `: >"$HOME/../began"\n${srun}` } });
    const watch = setInterval(() => existsSync(join(fake.home, '../began')) && abort.abort(), 20);
    const { result, texts } = await run(fake, {}, { signal: abort.signal });
    clearInterval(watch);
    expect(result).toMatchObject({ ok: false, failure: { kind: 'interrupted' } });
    expect(texts.size).toBe(0);
  });

  it('cancels the job by its name when the look fails', async () => {
    const fake = cluster({
      slurm: '24.11.5',
      programs: {
        srun: "echo 'srun: error: Unable to allocate resources' >&2; exit 1",
        scancel: 'printf "%s\\n" "$*" >>"$HOME/../cancelled"',
      },
    });
    const { findings } = successOf(await run(fake));
    expect(readFileSync(join(fake.home, '../cancelled'), 'utf8')).toMatch(/^--quiet --name=hs-look-\w{10}$/m);
    expect(findings.notes.find(({ what }) => what === 'compute node')?.text).toContain('Unable to allocate');
    expect(existsSync(join(fake.home, '.hs-look-aaaaaaaaaa'))).toBe(false);
  });
});

const untyped = (text: string): string =>
  text.replaceAll('gpu:h100:8', 'gpu:8').replaceAll('h100,nvlink', 'big');

function untypedCluster(): FakeCluster {
  const nodes = untyped(
    readFileSync(join(import.meta.dirname, '../fixtures/slurm/24.11.5/nodes.txt'), 'utf8'),
  );
  const fake = cluster({
    slurm: '24.11.5',
    files: { 'nodes.txt': nodes },
    programs: {
      scontrol: noSlurm['scontrol']?.replace(
        /(\*"show node"\*\)) cat '[^']*'/,
        '$1 cat "$HOME/../../nodes.txt"',
      ),
    },
  });
  return fake;
}

describe('init and GPUs without a type', () => {
  it('says where to write the model when nobody is there to ask', async () => {
    const { profile, findings } = successOf(await run(untypedCluster()));
    const gpus = profile.partitions.find(({ name }) => name === 'h100')?.nodes[0]?.gpus;
    expect(gpus).toEqual([{ count: 8 }]);
    expect(findings.notes.find(({ what }) => what === 'GPU')?.text).toMatch(
      /no type in Slurm.*partitions\[\d\]\.nodes\[0\]\.gpus\[0\]/,
    );
  });

  it('takes --gpu, and knows the names that it can have', async () => {
    const { profile } = successOf(await run(untypedCluster(), { gpus: ['h200'] }));
    expect(profile.partitions.find(({ name }) => name === 'h100')?.nodes[0]?.gpus).toEqual([
      { model: 'h200', count: 8 },
    ]);
    const { result } = await run(untypedCluster(), { gpus: ['h2000'] });
    expect(result).toMatchObject({
      ok: false,
      failure: { kind: 'usage', hint: expect.stringContaining('h200') as string },
    });
  });

  it('asks on a terminal, once for each kind', async () => {
    const asked: string[] = [];
    const prompt: Prompt = {
      line: () => Promise.resolve(undefined),
      secret: () => Promise.resolve(undefined),
      confirm: () => Promise.resolve(false),
      choose: (text) => {
        asked.push(text);
        return Promise.resolve('h100-pcie');
      },
    };
    const { profile } = successOf(await run(untypedCluster(), {}, { prompt }));
    expect(asked).toHaveLength(1);
    expect(profile.partitions.find(({ name }) => name === 'debug')?.nodes[0]?.gpus[0]?.model).toBe(
      'h100-pcie',
    );
  });
});

describe('init over a profile that is there', () => {
  it('writes nothing when nothing changed, and anew what nobody edited', async () => {
    const texts = new Map<string, string>();
    const fake = cluster({ slurm: '24.11.5' });
    successOf(await run(fake, {}, { texts }));
    expect(successOf(await run(fake, {}, { texts })).outcome).toBe('same');
    const sacct = 'exit 1';
    const changed = { ...fake, ...cluster({ slurm: '24.11.5', programs: { sacct } }) };
    const again = successOf(await run(changed, { root: '/home/alice/hpc-serve' }, { texts }));
    expect(again.outcome).toBe('changed');
    expect(again.changed).toEqual(expect.arrayContaining(['root', 'slurm', 'accounts', 'qos']));
  });

  it('does not write over edits without --force, and then keeps the decisions', async () => {
    const texts = new Map<string, string>();
    const fake = cluster({ slurm: '24.11.5' });
    successOf(await run(fake, {}, { texts }));
    const edited = `${texts.get('tbx')?.replace('maxTime: 2-00:00:00', 'maxTime: 3-00:00:00') ?? ''}\ndefaults: { account: ml }\n`;
    texts.set('tbx', edited);
    const refused = await run(fake, {}, { texts });
    expect(refused.result).toMatchObject({ ok: false, failure: { kind: 'usage' } });
    expect(texts.get('tbx')).toBe(edited);
    const forced = successOf(await run(fake, { force: true }, { texts }));
    expect(forced.changed).toEqual(['partitions']);
    expect(forced.profile.defaults).toEqual({ account: 'ml' });
  });

  it('does not replace the profile of another cluster', async () => {
    const texts = new Map<string, string>();
    const fake = cluster({ slurm: '24.11.5' });
    successOf(await run(fake, {}, { texts }));
    const config = readFileSync(join(import.meta.dirname, '../fixtures/slurm/24.11.5/config.txt'), 'utf8');
    const other = cluster({
      slurm: '24.11.5',
      files: { 'config.txt': config.replace(/^(ClusterName\s*= ).*$/m, '$1other') },
      programs: {
        scontrol: noSlurm['scontrol']?.replace(
          /(\*"show config"\*\)) cat '[^']*'/,
          '$1 cat "$HOME/../../config.txt"',
        ),
      },
    });
    const { result } = await run(other, {}, { texts });
    expect(result).toMatchObject({
      ok: false,
      failure: { message: expect.stringContaining('another cluster') as string },
    });
  });

  it('writes nothing on a dry run, and what it shows can be read', async () => {
    const { texts, ...rest } = await run(cluster({ slurm: '22.05.8' }), { dryRun: true, name: 'dry' });
    const { text, outcome } = successOf({ texts, ...rest });
    expect(outcome).toBe('dry-run');
    expect(texts.size).toBe(0);
    expect(readProfile('dry.yaml', 'dry', text).ok).toBe(true);
  });

  it('refuses a name that no file should have', async () => {
    const { result } = await run(cluster({ slurm: '24.11.5' }), { name: '../evil' });
    expect(result).toMatchObject({ ok: false, failure: { kind: 'usage' } });
  });
});
