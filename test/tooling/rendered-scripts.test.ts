import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { profileOf } from '../../bench/support/profile.ts';
import { ClusterProfile } from '../../src/core/cluster/profile.ts';
import { DeploymentName } from '../../src/core/names.ts';
import type { Remote, Script, ScriptOutput } from '../../src/core/ports.ts';
import { ok } from '../../src/core/result.ts';
import { request } from '../support/planning.ts';
import { readLogs } from '../../src/flows/logs.ts';
import { lookOnNode, probeLogin } from '../../src/flows/probe-cluster.ts';
import { stop } from '../../src/flows/stop.ts';
import { type Prepared, prepare, submit } from '../../src/flows/submit.ts';

const profile = ClusterProfile.parse(parse(profileOf({ name: 'lab', port: 22 })));
const ports = {
  clock: { now: () => 1_760_000_000_000, monotonic: () => 0, sleep: () => Promise.resolve() },
  ids: { base32: (length: number) => 'a'.repeat(length) },
  templates: { read: (name: string) => readFileSync(join('templates', name), 'utf8') },
};

/** A login host that keeps the scripts it gets, and on which the jobs of `records` were deployed. */
class RecordingRemote implements Remote {
  readonly #records: string;

  constructor(records: string) {
    this.#records = records;
  }
  readonly host = 'lab';
  readonly lost = new Promise<undefined>(() => undefined);
  readonly scripts: Script[] = [];

  run(script: Script): ReturnType<Remote['run']> {
    this.scripts.push(script);
    const mark = `@${ports.ids.base32(12)}`;
    const stdout = `\n${mark} now\n1760000000\n\n${mark} squeue\n\n${mark} squeue-status 0\n\n${mark} records\n${this.#records}\n${mark} end\n`;
    return Promise.resolve(ok<ScriptOutput>({ exitCode: 0, stdout, stderr: stdout }));
  }
  // eslint-disable-next-line require-yield
  async *follow(): ReturnType<Remote['follow']> {
    return Promise.resolve(ok(undefined));
  }
  forward(): never {
    throw new Error('nothing is forwarded here');
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

const wanted = request('llama3-8b', { deployment: DeploymentName.parse('chat'), gpus: 8, timeMinutes: 60 });

async function finish(flow: AsyncGenerator): Promise<void> {
  while ((await flow.next()).done !== true);
}

interface NamedScript {
  readonly name: string;
  readonly text: string;
}

/** What every command sends to the login host. */
async function sentScripts(prepared: Prepared): Promise<readonly NamedScript[]> {
  const empty = new RecordingRemote('');
  await finish(submit(ports, () => Promise.resolve(ok(empty)), profile, prepared));
  await readLogs(ports.templates, empty, profile, { deployment: 'chat', replica: 0, lines: 10 });
  await probeLogin(ports, empty, { root: '/scratch', search: ['/images'] });
  const probe = { nodes: [], slurmBin: '/opt/slurm/bin', defaultAccount: undefined };
  await lookOnNode(ports, empty, { probe, profile });
  const job = 'chat/jobs/aaaaaaaaaa';
  const serving = new RecordingRemote(
    `${job}/submit/rc:0\n${job}/submit/out:7\n${job}/heartbeat:1760000000\n`,
  );
  await finish(stop(ports, serving, profile, 'chat'));
  return [...empty.scripts, ...serving.scripts].map(({ what, text }) => ({ name: what, text }));
}

function jobScripts({ bundle }: Prepared): readonly NamedScript[] {
  return bundle.files
    .filter(({ path }) => path.endsWith('.sh'))
    .map(({ path, content }) => ({ name: path, text: content }));
}

// 2317: shellcheck 0.9, Debian 12's, takes functions that only a trap calls for unreachable.
const options = ['--external-sources', '--source-path=SCRIPTDIR', '--exclude=SC2317'];
/** Files of a job without a `#!` line; the others are sent to a POSIX sh. */
const sourcedByBash = new Set(['settings.sh', 'records.sh']);
const hasShellcheck = spawnSync('shellcheck', ['--version']).status === 0;

describe.skipIf(!hasShellcheck)('shellcheck on what is rendered', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hpc-serve-scripts-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('finds nothing in a job and in what the login host is sent', async () => {
    const prepared = prepare(ports, profile, wanted);
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.failure));
    const scripts = [...jobScripts(prepared.value), ...(await sentScripts(prepared.value))];
    const names = new Set(scripts.map(({ name }) => name));
    expect([...names].sort()).toEqual(
      [
        ...['job.sh', 'node.sh', 'records.sh', 'sbatch.sh', 'settings.sh', 'submit.sh'],
        ...['look at the deployments', 'submit the job', 'read the logs of chat', 'stop chat'],
        ...['read what the cluster has', 'look at a compute node'],
      ].sort(),
    );
    const fileOf = (name: string): string => join(folder, name.replaceAll(/[^a-z.]/g, '-'));
    // All of them first, because the job's scripts source each other.
    for (const { name, text } of scripts) writeFileSync(fileOf(name), text);
    for (const { name, text } of scripts) {
      const shell = text.startsWith('#!') ? [] : [`--shell=${sourcedByBash.has(name) ? 'bash' : 'sh'}`];
      const { stdout } = spawnSync('shellcheck', [...shell, ...options, fileOf(name)], {
        encoding: 'utf8',
      });
      expect.soft(stdout, name).toBe('');
    }
  });
});
