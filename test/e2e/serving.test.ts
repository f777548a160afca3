import { execa } from 'execa';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PresentSandbox } from '../../src/sandbox/status.ts';
import { aMachine, eventually, type Machine, type Outcome, type Running } from './cli.ts';
import { down, on, root, testName, up, whyNot } from './sandbox-support.ts';

const name = testName('serving');

/** The document that `status --json` prints. */
interface StatusDocument {
  readonly deployments: readonly {
    readonly deployment: string;
    readonly attempt: string;
    readonly state: {
      readonly stage: string;
      readonly job: string;
      readonly nodes?: string;
      readonly endpoints?: readonly {
        readonly node: string;
        readonly port: number;
        readonly restart: number;
      }[];
    };
  }[];
}

const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** The last line may still be on its way. */
const wholeLines = (text: string): Record<string, unknown>[] =>
  jsonLines(text.slice(0, text.lastIndexOf('\n') + 1));

describe.skipIf(whyNot)('a model served on a real Slurm cluster', () => {
  let sandbox: PresentSandbox;
  const laptop = aMachine();
  const desktop = aMachine();

  const initOn = (machine: Machine): Promise<Outcome> =>
    machine.run('init', '--ssh-config', sandbox.ssh.configFile, '--name', 'lab', '--yes', sandbox.name);

  const asRoot = (command: string): Promise<unknown> =>
    execa(join(root, 'clusters/sandbox/sandbox'), ['exec', '--name', name, 'mgmt', 'bash', '-c', command]);

  const statusOf = async (machine: Machine): Promise<StatusDocument> =>
    JSON.parse((await machine.run('status', '--json')).stdout) as StatusDocument;

  beforeAll(async () => {
    sandbox = await up({ name });
    const init = await initOn(laptop);
    expect(init.stderr).toContain('h100');
    expect(init.exitCode).toBe(0);
  });

  afterAll(async () => {
    await down(name);
  });

  test('a usage error is a document too', async () => {
    const { exitCode, stdout } = await laptop.run('submit', 'llama3-8b', '--gpus', '0', '--json');
    expect(exitCode).toBe(2);
    expect(jsonLines(stdout)).toMatchObject([{ event: 'failed', exitCode: 2, failure: { kind: 'usage' } }]);
  });

  test('--dry-run shows everything and touches nothing', async () => {
    const { exitCode, stdout } = await laptop.run('submit', 'llama3-8b', '--gpus', '8', '--dry-run');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('sbatch');
    expect(stdout).toContain('node.sh');
    expect(stdout).toContain('(secret: not shown)');
    expect(await on(sandbox, 'ls -d ~/hpc-serve/deployments 2>&1; squeue -h')).toContain('No such file');
  });

  test('submit watches it until eight replicas are ready, and tells each transition as an event', async () => {
    const { exitCode, stdout } = await laptop.run('submit', 'llama3-8b', '--gpus', '8', '--json');
    expect(exitCode).toBe(0);
    const events = jsonLines(stdout);
    expect(events.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['planned', 'uploaded', 'submitted', 'state']),
    );
    expect(events.at(-1)).toMatchObject({ event: 'state', state: { stage: 'ready', of: 8 } });
    expect((events.at(-1)?.['state'] as { endpoints: unknown[] }).endpoints).toHaveLength(8);
  });

  test('a second submit of the same name is refused', async () => {
    const again = await laptop.run('submit', 'llama3-8b', '--gpus', '8');
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toContain('already there');
  });

  test('another machine sees the same', async () => {
    expect((await initOn(desktop)).exitCode).toBe(0);
    const [here, there] = await Promise.all([statusOf(laptop), statusOf(desktop)]);
    expect(there.deployments[0]?.state).toEqual(here.deployments[0]?.state);
    expect(here.deployments[0]?.state).toMatchObject({ stage: 'ready', nodes: 'node1' });
  });

  test('no file is open to others, and no secret is where others can see it', async () => {
    const open = await on(sandbox, `find ~/hpc-serve \\( -perm /077 \\) ! -type l`);
    expect(open).toBe('');
    const key = await on(sandbox, `cat ~/hpc-serve/deployments/llama3-8b/jobs/*/key`);
    expect(key).toMatch(/^[a-z2-7]{52}$/);
    const state = await statusOf(laptop);
    const job = state.deployments[0]?.state.job ?? '';
    const visible = await on(
      sandbox,
      `scontrol show job ${job}; squeue -o '%all'; sacct -j ${job} -P -o ALL; for n in node1; do ssh -o StrictHostKeyChecking=no $n 'cat /proc/[0-9]*/cmdline' 2>/dev/null | tr '\\0' ' '; done`,
    );
    expect(visible).toContain('llama-server');
    expect(visible).not.toContain(key);
    const { stdout: processes } = await execa('bash', [
      '-c',
      "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'",
    ]);
    expect(processes).not.toContain(key);
    const scripts = await on(sandbox, `grep -rlF ${key} ~/hpc-serve || true`);
    expect(scripts).toMatch(/^\S+\/key$/);
    const { stdout: local } = await execa('grep', ['-rlF', key, laptop.directory], { reject: false });
    expect(local).toBe('');
    expect(statSync(join(laptop.directory, 'config/hpc-serve/clusters/lab.yaml')).mode & 0o077).toBe(0);
  });

  test('logs shows what the engines wrote, one replica or all', async () => {
    const all = await laptop.run('logs', 'llama3-8b', '--lines', '2');
    expect(all.stdout.match(/^==> .* <==$/gm)?.length).toBe(9);
    const one = await laptop.run('logs', 'llama3-8b', '--replica', '3', '--lines', '1', '--json');
    expect(jsonLines(one.stdout).every(({ file }) => file === 'replica-3.log')).toBe(true);
  });

  describe('through a tunnel', () => {
    let tunnel: Running;
    let base = '';
    let key = '';

    beforeAll(async () => {
      const submitted = await laptop.run(
        'submit',
        'llama3-8b',
        '--name',
        'mover',
        '--partition',
        'a100',
        '--gpus',
        '2',
      );
      expect(submitted.exitCode).toBe(0);
      tunnel = laptop.start('tunnel', 'mover', '--json');
      const listening = await eventually(30, () =>
        Promise.resolve(wholeLines(tunnel.stdout()).find(({ event }) => event === 'listening')),
      );
      base = String(listening['baseUrl']);
      key = String(listening['key']);
    });

    afterAll(async () => {
      tunnel.kill('SIGINT');
      expect((await tunnel.ended).exitCode).toBe(0);
    });

    const ask = async (bearer: string): Promise<Response> =>
      fetch(`${base}/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'llama3-8b',
          max_tokens: 8,
          temperature: 0,
          messages: [{ role: 'user', content: 'Hi' }],
        }),
        signal: AbortSignal.timeout(15_000),
      });

    const answers = async (): Promise<true | undefined> => {
      try {
        return (await ask(key)).ok ? true : undefined;
      } catch {
        return undefined;
      }
    };

    test('it answers with the key, and not without', async () => {
      const answer = (await (await ask(key)).json()) as { choices: { message: { content: string } }[] };
      expect(answer.choices[0]?.message.content).toMatch(/\w/);
      expect((await ask('wrong')).status).toBe(401);
      expect((await fetch(`${base}/models`, { method: 'POST' })).status).toBe(401);
    });

    test('it listens on loopback alone', async () => {
      const port = new URL(base).port;
      const { stdout } = await execa('ss', ['-Hltn', `sport = :${port}`]);
      const places = stdout.split('\n').map((line) => line.trim().split(/\s+/)[3]);
      expect(places.length).toBeGreaterThan(0);
      for (const place of places) expect(place).toMatch(/^(127\.0\.0\.1|\[::1\]):/);
    });

    test('it spreads connections over the replicas', async () => {
      await Promise.all(Array.from({ length: 16 }, () => ask(key).then((one) => one.text())));
      const served = await on(
        sandbox,
        `grep -c 'launch_slot_: id' ~/hpc-serve/deployments/mover/jobs/*/logs/replica-*.log`,
      );
      // Each has answered the job's own probe; here each has answered more.
      const counts = served.split('\n').map((line) => Number(line.slice(line.lastIndexOf(':') + 1)));
      expect(counts).toHaveLength(2);
      for (const count of counts) expect(count).toBeGreaterThan(4);
    });

    test('it heals within ten seconds after the ssh connection was cut', async () => {
      await execa('pkill', ['-KILL', '-f', `sshd: alice@notty|sshd-session: alice@notty`], { reject: false });
      const cut = performance.now();
      await eventually(12, answers);
      expect(performance.now() - cut).toBeLessThan(10_000);
    });

    test('it finds the endpoints again after the job was requeued to another node', async () => {
      const stateNow = async (): Promise<StatusDocument['deployments'][number]['state'] | undefined> =>
        (await statusOf(laptop)).deployments.find(({ deployment }) => deployment === 'mover')?.state;
      const before = await stateNow();
      const [job, node] = [before?.job ?? '', before?.nodes ?? ''];
      expect(node).toMatch(/^node[23]$/);
      await asRoot(`scontrol update NodeName=${node} State=DRAIN Reason=test && scontrol requeue ${job}`);
      // Slurm holds a requeued job back for two minutes; root's word lets it start at once.
      await asRoot(
        `until [ "$(squeue -h -j ${job} -o %T)" = PENDING ]; do sleep 0.5; done; scontrol update JobId=${job} StartTime=now`,
      );
      await eventually(120, async () => {
        const state = await stateNow();
        const restarted = state?.stage === 'ready' && state.endpoints?.every(({ restart }) => restart === 1);
        return restarted === true ? true : undefined;
      });
      const ready = performance.now();
      await eventually(12, answers);
      expect(performance.now() - ready).toBeLessThan(10_000);
      expect((await stateNow())?.nodes).toBe(node === 'node2' ? 'node3' : 'node2');
      await asRoot(`scontrol update NodeName=${node} State=RESUME`);
      expect((await laptop.run('stop', 'mover')).exitCode).toBe(0);
    });
  });

  test('stop ends it, verifies that it is gone, and is idempotent', async () => {
    const stopped = await laptop.run('stop', 'llama3-8b');
    expect(stopped).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('is gone') as string });
    expect(await on(sandbox, 'squeue -h --me -t R,PD,CG')).toBe('');
    const left = await on(
      sandbox,
      `ssh -o StrictHostKeyChecking=no node1 'pgrep -u alice -x llama-server || true'`,
    );
    expect(left).toBe('');
    expect((await laptop.run('stop', 'llama3-8b')).exitCode).toBe(0);
    expect((await laptop.run('stop', 'never-was')).exitCode).toBe(2);
    const after = await statusOf(desktop);
    expect(after.deployments[0]?.state).toMatchObject({ stage: 'ended', cause: 'stopped' });
  });

  test('Ctrl-C during the watch leaves the job running, and says so', async () => {
    const watching = laptop.start('submit', 'llama3-8b', '--gpus', '1', '--name', 'left-alone');
    await eventually(30, () => Promise.resolve(watching.stderr().includes('submitted') ? true : undefined));
    watching.kill('SIGINT');
    const { exitCode, stderr } = await watching.ended;
    expect(exitCode).toBe(130);
    expect(stderr).toContain('job goes on');
    await eventually(60, async () => {
      const state = (await statusOf(laptop)).deployments.find(
        ({ deployment }) => deployment === 'left-alone',
      )?.state;
      return state?.stage === 'ready' ? true : undefined;
    });
    expect((await laptop.run('stop', 'left-alone')).exitCode).toBe(0);
  });

  test('what Slurm refuses is explained, with exit code 3', async () => {
    const refused = await laptop.run(
      'submit',
      'llama3-8b',
      '--gpus',
      '1',
      '--reservation',
      'no-such',
      '--name',
      'refused',
    );
    expect(refused.exitCode).toBe(3);
    expect(refused.stderr).toContain('sbatch, exit code 1');
  });

  test('a job whose engine cannot start ends with exit code 5 and the evidence', async () => {
    await on(sandbox, 'mkdir -p ~/broken && head -c 4096 /dev/zero > ~/broken/model.gguf');
    const home = await on(sandbox, 'echo ~');
    const ended = await laptop.run(
      'submit',
      'llama3-8b',
      '--gpus',
      '1',
      '--name',
      'broken',
      '--weights',
      `${home}/broken/model.gguf`,
    );
    expect(ended.exitCode).toBe(5);
    expect(ended.stderr).toMatch(/replica-0\.log: /);
  });

  test.each([
    ['$(touch /tmp/owned)', 2],
    ["'; touch /tmp/owned; '", 2],
    ['../../etc/passwd', 2],
    ['llama3-8b\n#SBATCH --wrap=x', 2],
  ])('a hostile model name %j is refused', async (model, exitCode) => {
    const result = await laptop.run('submit', '--', model);
    expect(result.exitCode).toBe(exitCode);
    expect(await on(sandbox, 'ls /tmp/owned 2>&1 || true')).toContain('No such file');
  });

  test('hostile paths reach the job as they are, and run nothing', async () => {
    const home = await on(sandbox, 'echo ~');
    const odd = `${home}/$(touch owned) 'it'"s" & #`;
    await on(
      sandbox,
      `mkdir -p ~/'$(touch owned) '"'it'"'"s" & #' && cp /opt/models/Meta-Llama-3-8B-Instruct/model.gguf ~/'$(touch owned) '"'it'"'"s" & #'/`,
    );
    const served = await laptop.run(
      'submit',
      'llama3-8b',
      '--gpus',
      '1',
      '--name',
      'odd',
      '--weights',
      `${odd}/model.gguf`,
    );
    expect(served.stderr).toContain('ready');
    expect(served.exitCode).toBe(0);
    expect(await on(sandbox, 'find / -name owned -user alice 2>/dev/null || true')).toBe('');
    expect((await laptop.run('stop', 'odd')).exitCode).toBe(0);
  });

  test('a changed host key is refused, a missing one too where nobody can be asked', async () => {
    const knownHosts = readFileSync(sandbox.ssh.knownHostsFile, 'utf8');
    const config = readFileSync(sandbox.ssh.configFile, 'utf8');
    const machine = aMachine();
    const file = join(machine.directory, 'ssh_config');
    const known = join(machine.directory, 'known_hosts');
    writeFileSync(file, config.replaceAll(sandbox.ssh.knownHostsFile, known), { mode: 0o600 });
    writeFileSync(known, '', { mode: 0o600 });
    const missing = await machine.run('init', '--ssh-config', file, '--name', 'lab', '--yes', sandbox.name);
    expect(missing.exitCode).toBe(4);
    expect(missing.stderr).toContain('SHA256:');
    const other = await execa('bash', [
      '-c',
      'd=$(mktemp -d); ssh-keygen -q -t ed25519 -N "" -f $d/k; cut -d" " -f2 $d/k.pub; rm -r $d',
    ]);
    writeFileSync(known, knownHosts.replaceAll(/(ssh-ed25519) \S+/g, `$1 ${other.stdout}`), { mode: 0o600 });
    const changed = await machine.run('init', '--ssh-config', file, '--name', 'lab', '--yes', sandbox.name);
    expect(changed.exitCode).toBe(4);
    expect(changed.stderr).toContain('not the recorded one');
  });
});
