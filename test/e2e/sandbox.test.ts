import { execa } from 'execa';
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runSandbox } from '../../src/sandbox/sandbox.ts';
import type { PresentSandbox } from '../../src/sandbox/status.ts';
import { down, on, root, testName, up, whyNot } from './sandbox-support.ts';

const first = testName('one');
const second = testName('two');

/** Everything that a sandbox could leave behind on the machine, but for its cache; other sandboxes are left out. */
async function traces(name: string): Promise<Record<string, readonly string[]>> {
  const { stdout: processes } = await execa('ps', ['-eo', 'args']);
  const { stdout: routes } = await execa('ip', ['-4', 'route']);
  const { stdout: names } = await execa('ip', ['netns']);
  const { stdout: links } = await execa('ip', ['-brief', 'link']);
  const { stdout: groups } = await execa('find', ['/sys/fs/cgroup', '-type', 'd', '-name', `*${name}*`]);
  const environments = await execa('bash', [
    '-c',
    `grep -lzsE '^HPC_SERVE_SANDBOX=.*/${name}$' /proc/[0-9]*/environ || true`,
  ]);
  const withName = (text: string): string[] => text.split('\n').filter((line) => line.includes(name));
  return {
    processes: withName(processes),
    marked: environments.stdout.split('\n').filter((line) => line !== ''),
    mounts: withName(readFileSync('/proc/mounts', 'utf8')),
    routes: routes.split('\n').filter((line) => line.startsWith('unreachable')),
    names: withName(names),
    links: links.split('\n').map((line) => line.split(/[ @]/)[0] ?? ''),
    groups: withName(groups),
  };
}

function tcp(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 3000 });
    const end = (word: string) => () => {
      socket.destroy();
      resolve(word);
    };
    socket.on('connect', end('connected'));
    socket.on('timeout', end('timeout'));
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? 'error')());
  });
}

/** `srun` that cannot wait for ever. */
const srun = (args: string): string => `timeout 40 srun ${args} 2>/dev/null`;

const sourceOf = (sandbox: PresentSandbox, host: string): string =>
  readFileSync(join(sandbox.stateDir, `hosts/${host}.pid`), 'utf8').trim();

describe.skipIf(whyNot)(whyNot ?? 'a sandbox', () => {
  let sandbox: PresentSandbox;
  const steps: string[] = [];
  const waits: number[] = [];

  beforeAll(async () => {
    let last = performance.now();
    const heard = (): void => {
      waits.push(performance.now() - last);
      last = performance.now();
    };
    const result = await runSandbox(
      root,
      'up',
      { name: first },
      {
        onProgress: (progress) => {
          heard();
          if (progress.kind === 'step') steps.push(`${progress.step}/${progress.steps}`);
        },
      },
    );
    heard();
    if (!result.ok || !('ssh' in result.value)) throw new Error(JSON.stringify(result));
    sandbox = result.value;
  });

  afterAll(async () => {
    await down(first);
    await down(second);
  });

  test('comes up, saying what it does at least every 2 s', () => {
    expect(sandbox).toMatchObject({ name: first, state: 'up', suite: 'trixie', problems: [] });
    expect(sandbox.hosts.map((host) => host.name)).toEqual([
      'mgmt',
      'login',
      'node1',
      'node2',
      'node3',
      'node4',
    ]);
    expect(steps).toEqual(['1/7', '2/7', '3/7', '4/7', '5/7', '6/7', '7/7']);
    expect(Math.max(...waits)).toBeLessThan(4000);
  });

  test('says within 2 s that it is up already', async () => {
    const started = performance.now();
    expect(await up({ name: first })).toMatchObject({ state: 'up', startedAt: sandbox.startedAt });
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test('refuses to become another one', async () => {
    const result = await runSandbox(root, 'up', { name: first, suite: 'bookworm' });
    expect(result).toMatchObject({ ok: false, failure: { kind: 'usage' } });
  });

  test('keeps its keys to itself', () => {
    expect(statSync(sandbox.stateDir).mode & 0o777).toBe(0o700);
    expect(statSync(sandbox.ssh.identityFile).mode & 0o777).toBe(0o600);
  });

  test('has partitions with GPUs, accounts and limits', async () => {
    const partitions = await on(sandbox, "sinfo -h -o '%R %l %G' | sort");
    expect(partitions).toContain('h100 2-00:00:00 gpu:h100:8');
    expect(partitions).toContain('a100 1-00:00:00 gpu:a100:4');
    expect(partitions).toContain('l40s 12:00:00 gpu:l40s:2');
    expect(await on(sandbox, 'sacctmgr -nP show assoc where user=alice format=account,qos')).toContain(
      'ml|limited,normal,short',
    );
    expect(await on(sandbox, 'sacctmgr -nP show user operator format=adminlevel', `${first}-operator`)).toBe(
      'Operator',
    );
    expect(await on(sandbox, 'id -un; pwd', `${first}-bob`)).toBe('bob\n/home/bob');
  });

  test('runs steps on several nodes, with PMIx', async () => {
    const ran = await on(
      sandbox,
      srun("-p a100 -N2 --gpus-per-node=2 --mpi=pmix bash -c 'echo $(hostname) $PMIX_RANK' | sort"),
    );
    expect(ran).toMatch(/^node2 \d\nnode3 \d$/);
    expect(await on(sandbox, 'scrontab -l 2>&1 || true')).toContain('no crontab for alice');
  });

  test('refuses what a limit forbids', async () => {
    const job = await on(sandbox, "sbatch --parsable -A trial -p a100 -t 3:00:00 --wrap 'sleep 1'");
    await sleep(1500);
    expect(await on(sandbox, `squeue -h -j ${job} -o %r; scancel ${job}`)).toBe(
      'QOSMaxWallDurationPerJobLimit',
    );
  });

  test('serves eight engines from its image in one job, through ssh only', async () => {
    const image = `${sandbox.paths.images}/llama-server.sif`;
    const model = `${sandbox.paths.models}/Meta-Llama-3-8B-Instruct/model.gguf`;
    expect(await on(sandbox, `apptainer inspect ${image} 2>/dev/null`)).toContain(
      'org.hpc-serve.engine: llamacpp',
    );
    const script = [
      '#!/bin/bash',
      '#SBATCH -p h100 --gpus-per-node=8 -n 8 -c 1 -t 10 -o /scratch/alice/engines.out',
      `engine() { exec apptainer exec --nv --bind /opt/models ${image} llama-server -m ${model} --host 0.0.0.0 --port $1 -t 1 -c 1024 -np 1; }`,
      'for i in 0 1 2 3 4 5 6 7; do (engine $((9100 + i))) & done; wait',
    ].join('\n');
    const job = await on(
      sandbox,
      `cat > /scratch/alice/engines.sh <<'END'\n${script}\nEND\nsbatch --parsable /scratch/alice/engines.sh`,
    );
    const answers = await on(
      sandbox,
      `for i in 0 1 2 3 4 5 6 7; do
         for try in $(seq 150); do curl -sf node1:$((9100 + i))/health >/dev/null && break; sleep 0.2; done
         curl -s node1:$((9100 + i))/v1/chat/completions -d '{"messages":[{"role":"user","content":"Hi"}],"temperature":0}' | grep -o 'a real Slurm job.*","'
       done`,
    );
    expect(answers.split('\n')).toHaveLength(8);
    expect(answers).toContain('one tunnel."');
    const node = sandbox.hosts.find((host) => host.name === 'node1')?.address ?? '';
    expect(await tcp(node, 9100)).toMatch(/^(EHOSTUNREACH|ENETUNREACH)$/);
    expect(await tcp(node, 22)).toMatch(/^(EHOSTUNREACH|ENETUNREACH)$/);
    expect(await on(sandbox, 'hostname', `${first}-node1`)).toBe('node1');
    await on(sandbox, `scancel ${job}`);
  });

  test('reaches nothing outside of itself', async () => {
    expect(await on(sandbox, "ip route | cut -d' ' -f1-3; cat /etc/resolv.conf")).toMatch(
      /^10\.91\.\d+\.0\/24 dev eth0$/,
    );
    expect(readlinkSync(`/proc/${sourceOf(sandbox, 'login')}/ns/net`)).not.toBe(
      readlinkSync('/proc/self/ns/net'),
    );
  });

  test.each([
    ['node2', 'a host'],
    ['switch', 'the network'],
    ['mgmt', 'the controller and the database'],
    ['login', 'the login host'],
  ])('repairs itself when %s is killed: %s', async (host) => {
    process.kill(Number(sourceOf(sandbox, host)), 'SIGKILL');
    await sleep(300);
    expect(await runSandbox(root, 'status', { name: first })).toMatchObject({
      ok: true,
      value: { state: 'damaged' },
    });
    expect(await up({ name: first })).toMatchObject({ state: 'up', problems: [] });
    expect(await on(sandbox, `${srun('-p preempt -N4 hostname')} | sort | paste -sd' '`)).toBe(
      'node1 node2 node3 node4',
    );
  });

  test('leaves another one alone, which leaves nothing when it goes', async () => {
    const before = await traces(second);
    const other = await up({ name: second, variant: 'other', nodes: 2 });
    expect(other.ssh.port).not.toBe(sandbox.ssh.port);
    expect(other.accounting).toBe(false);
    expect(await on(other, "sinfo -h -o '%R' | sort -u | paste -sd' '; pwd; date +%Z")).toMatch(
      /^batch gpu-large gpu_small\n\/users\/alice\nC[SD]T$/,
    );
    expect(await on(other, srun('-p gpu_small -N1 --gpus-per-node=2 hostname'))).toBe('node2');
    expect(await on(sandbox, srun('-p l40s hostname'))).toBe('node4');
    await down(second);
    expect(await traces(second)).toEqual(before);
    expect(existsSync(other.stateDir)).toBe(false);
    expect(readdirSync(dirname(other.stateDir))).toContain(first);
    expect(await on(sandbox, srun('-p l40s hostname'))).toBe('node4');
    await down(second);
  });

  test('comes up after a start was killed at any point', async () => {
    for (const after of [200, 1100, 2200]) {
      const program = join(root, 'clusters/sandbox/sandbox');
      const start = execa('bash', [program, 'up', '--name', second, '--nodes', '1'], {
        reject: false,
        stdio: 'ignore',
      });
      await sleep(after + Math.random() * 900);
      start.kill('SIGKILL');
      await start;
      const again = await up({ name: second, nodes: 1 });
      expect(again).toMatchObject({ state: 'up', problems: [] });
      expect(await on(again, srun('hostname'))).toBe('node1');
      await down(second);
      expect((await traces(second))['marked']).toEqual([]);
    }
  });
});
