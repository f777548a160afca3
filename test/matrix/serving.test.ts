import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aMachine, eventually } from '../e2e/cli.ts';
import { down, on, testName, up, whyNot } from '../e2e/sandbox-support.ts';
import type { SandboxRequest } from '../../src/sandbox/sandbox.ts';
import type { PresentSandbox } from '../../src/sandbox/status.ts';

/**
 * The clusters on which a model is served from `init` to `stop`. `gpu` answers what Slurm leaves open about the GPUs.
 */
const clusters = [
  { title: 'bookworm', key: 'bookworm', request: { suite: 'bookworm' }, gpu: [] },
  { title: 'sid', key: 'sid', request: { suite: 'sid' }, gpu: [] },
  {
    title: 'trixie, differently configured',
    key: 'other',
    request: { suite: 'trixie', variant: 'other' },
    gpu: ['--gpu', 'v100-32'],
  },
] as const satisfies readonly {
  readonly title: string;
  readonly key: string;
  readonly request: SandboxRequest;
  readonly gpu: readonly string[];
}[];

const lastLine = (text: string): unknown => JSON.parse(text.trimEnd().split('\n').at(-1) ?? '');

/** What `init --json` prints. */
interface ProfileDocument {
  readonly profile: {
    readonly partitions: readonly {
      readonly nodes: readonly { readonly gpus: readonly { readonly model?: string }[] }[];
    }[];
  };
}

interface Listening {
  readonly baseUrl: string;
  readonly key: string;
}

describe.skipIf(whyNot).each(clusters)('a model served on $title', ({ key, request, gpu }) => {
  const name = testName(`serving-${key}`);
  const machine = aMachine();
  let sandbox: PresentSandbox;

  beforeAll(async () => {
    sandbox = await up({ name, ...request });
  });
  afterAll(() => down(name));

  test('init gets to know the cluster without a question', async () => {
    const init = await machine.run(
      'init',
      '--ssh-config',
      sandbox.ssh.configFile,
      '--name',
      'lab',
      ...gpu,
      '--json',
      '--yes',
      sandbox.name,
    );
    expect(init).toMatchObject({ exitCode: 0 });
    const { profile } = lastLine(init.stdout) as ProfileDocument;
    expect(profile).toMatchObject({
      slurm: { version: sandbox.slurmVersion, accounting: sandbox.accounting },
      root: `${sandbox.paths.home}/alice/hpc-serve`,
    });
    const gpus = profile.partitions.flatMap(({ nodes }) => nodes.flatMap((node) => node.gpus));
    expect(gpus.length).toBeGreaterThan(0);
    expect(gpus.filter(({ model }) => model === undefined)).toEqual([]);
  });

  test('submit serves it until every replica is ready', async () => {
    const { exitCode, stdout, stderr } = await machine.run('submit', 'llama3-8b', '--gpus', '2', '--json');
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(lastLine(stdout)).toMatchObject({ event: 'state', state: { stage: 'ready', of: 2 } });
  });

  test('status tells the same in words and as a document', async () => {
    const words = await machine.run('status');
    expect(words.stdout).toMatch(/llama3-8b\s+ready/);
    const document = await machine.run('status', 'llama3-8b', '--json');
    expect(lastLine(document.stdout)).toMatchObject({ deployments: [{ state: { stage: 'ready' } }] });
  });

  test('a tunnel reaches it, with the key alone', async () => {
    const tunnel = machine.start('tunnel', 'llama3-8b', '--json');
    const { baseUrl, key } = await eventually(60, () => {
      const line = tunnel
        .stdout()
        .split('\n')
        .find((text) => text.includes('"listening"'));
      return Promise.resolve(line === undefined ? undefined : (JSON.parse(line) as Listening));
    });
    const ask = (bearer: string): Promise<Response> =>
      fetch(`${baseUrl}/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'llama3-8b',
          max_tokens: 8,
          messages: [{ role: 'user', content: 'Hi' }],
        }),
        signal: AbortSignal.timeout(60_000),
      });
    const answer = await ask(key);
    expect(await answer.json()).toMatchObject({
      choices: [{ message: { content: expect.stringMatching(/\w/) as string } }],
    });
    expect((await ask('wrong')).status).toBe(401);
    tunnel.kill('SIGINT');
    expect((await tunnel.ended).exitCode).toBe(0);
  });

  test('stop leaves no job, no process, and only the records of what was', async () => {
    expect(await machine.run('stop', 'llama3-8b')).toMatchObject({ exitCode: 0 });
    expect(await on(sandbox, 'squeue -h --me -a')).toBe('');
    const nodes = sandbox.hosts.map((host) => host.name).filter((host) => host.startsWith('node'));
    for (const node of nodes) {
      expect(
        await on(
          sandbox,
          'pgrep -l -u alice -x "llama-server|srun|curl|slurmstepd" || true',
          `${sandbox.name}-${node}`,
        ),
      ).toBe('');
      expect(await on(sandbox, 'ls -d /tmp/hs.* 2>/dev/null || true', `${sandbox.name}-${node}`)).toBe('');
    }
    expect(
      await on(
        sandbox,
        'find ~/hpc-serve -perm /077 ! -type l; ls ~/hpc-serve/deployments/*/jobs/*/endpoints',
      ),
    ).toBe('');
    const after = await machine.run('status', '--json');
    expect(lastLine(after.stdout)).toMatchObject({
      deployments: [{ state: { stage: 'ended', cause: 'stopped' } }],
    });
  });
});
