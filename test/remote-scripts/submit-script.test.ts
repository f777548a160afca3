import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { preamble } from '../../src/core/remote/preamble.ts';
import { parseSections, type Section } from '../../src/core/remote/sections.ts';
import { withSubmission } from '../../src/core/render/submission.ts';
import { tar } from '../../src/core/render/tar.ts';
import { slurmPrelude } from '../../src/core/slurm/environment.ts';
import { templates } from '../support/templates.ts';

/** templates/remote/submit.sh under a real shell, with a toy sbatch that counts its calls. */
describe.each(['dash', 'bash'])('the submit script under %s', (shell) => {
  let directory = '';
  let root = '';

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'hpc-serve-submit-'));
    root = join(directory, "it's a $(root)");
    mkdirSync(join(directory, 'bin'));
    toySbatch('echo "Welcome to the lab!"; echo 41');
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  const toySbatch = (answer: string): void => {
    const path = join(directory, 'bin/sbatch');
    writeFileSync(
      path,
      `#!/bin/sh\nprintf '%s\\n' "$*" >>'${directory}/calls'\nenv >'${directory}/environment'\numask >>'${directory}/environment'\n${answer}\n`,
    );
    chmodSync(path, 0o755);
  };

  const calls = (): readonly string[] => {
    const file = join(directory, 'calls');
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  };

  const start = (
    attempt: string,
    previous: string,
  ): { pid: number; sections: Promise<readonly Section[]> } => {
    const bundle = withSubmission(
      {
        files: [{ path: 'job.sh', mode: 0o700, content: 'true\n' }],
        directories: ['logs'],
        sbatch: ['--parsable', `${root}/a b`],
      },
      templates,
      null,
    );
    const text =
      slurmPrelude +
      preamble({ root, mark: '@m', deployment: 'chat', attempt, previous }) +
      templates.read('remote/say.sh') +
      templates.read('remote/submit.sh') +
      templates.read('remote/sbatch-once.sh');
    const child = spawn(shell, ['-c', text], {
      detached: true,
      env: {
        PATH: `${directory}/bin:${process.env['PATH'] ?? ''}`,
        SBATCH_ACCOUNT: 'leaked',
        SLURM_UMASK: '0000',
        HOME: directory,
      },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    const sections = new Promise<readonly Section[]>((resolve, reject) => {
      child.on('error', reject).on('close', () => resolve(parseSections(stdout, stderr, '@m')));
    });
    child.stdin.on('error', () => undefined).end(tar(bundle.files, 1_800_000_000, bundle.directories));
    return { pid: child.pid ?? 0, sections };
  };

  const submit = (attempt: string, previous: string): Promise<readonly Section[]> =>
    start(attempt, previous).sections;

  const home = (): string => join(root, 'deployments/chat');

  it('puts the directory in place, submits once and notes the answer', async () => {
    const sections = await submit('aaaaaaaaaa', '');
    expect(sections.map(({ name }) => name)).toEqual(['uploaded', 'sbatch', 'end']);
    expect(sections[1]).toMatchObject({ argument: '0', stdout: 'Welcome to the lab!\n41\n' });
    expect(calls()).toEqual([`--parsable ${root}/a b`]);
    expect(readFileSync(join(home(), 'current'), 'utf8')).toBe('aaaaaaaaaa\n');
    expect(readFileSync(join(home(), 'jobs/aaaaaaaaaa/submit/rc'), 'utf8')).toBe('0\n');
  });

  it('leaves nothing open to others, and hands no setting of the shell to sbatch', async () => {
    await submit('aaaaaaaaaa', '');
    const open = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
      (file) => (statSync(join(root, file)).mode & 0o077) !== 0,
    );
    expect(open).toEqual([]);
    const environment = readFileSync(join(directory, 'environment'), 'utf8');
    expect(environment).not.toMatch(/SBATCH_ACCOUNT|SLURM_UMASK/);
    expect(environment).toMatch(/^0077$/m);
  });

  it('closes a root that was open', async () => {
    mkdirSync(root, { mode: 0o777 });
    chmodSync(root, 0o777);
    await submit('aaaaaaaaaa', '');
    expect(statSync(root).mode & 0o777).toBe(0o700);
  });

  it('lets one of two clients that submit at once go on', async () => {
    toySbatch('sleep 0.3; echo 41');
    const [one, two] = await Promise.all([submit('aaaaaaaaaa', ''), submit('bbbbbbbbbb', '')]);
    const outcomes = [one, two].map((sections) => sections.at(-1)?.name).sort();
    expect(outcomes).toEqual(['end', 'taken']);
    expect(calls()).toHaveLength(1);
  });

  it('refuses a client that has not seen the newest attempt', async () => {
    await submit('aaaaaaaaaa', '');
    expect((await submit('bbbbbbbbbb', '')).map(({ name }) => name)).toEqual(['taken']);
    expect((await submit('cccccccccc', 'aaaaaaaaaa')).at(-1)?.name).toBe('end');
    expect(calls()).toHaveLength(2);
  });

  it('gets past the claim of a client that was killed', async () => {
    await submit('aaaaaaaaaa', '');
    const claim = join(home(), '.claim.aaaaaaaaaa');
    mkdirSync(claim);
    expect((await submit('bbbbbbbbbb', 'aaaaaaaaaa')).at(-1)?.name).toBe('taken');
    const longAgo = Date.now() / 1000 - 600;
    utimesSync(claim, longAgo, longAgo);
    expect((await submit('bbbbbbbbbb', 'aaaaaaaaaa')).at(-1)?.name).toBe('end');
  });

  it('leaves nothing behind where the files can not be written, and lets the next try go on', async () => {
    const tar = join(directory, 'bin/tar');
    writeFileSync(tar, '#!/bin/sh\necho "tar: No space left on device" >&2\nexit 2\n', { mode: 0o755 });
    expect(await submit('aaaaaaaaaa', '')).toEqual([]);
    expect(readdirSync(home(), { recursive: true })).toEqual(['jobs']);
    rmSync(tar);
    expect((await submit('bbbbbbbbbb', '')).at(-1)?.name).toBe('end');
  });

  it('runs sbatch no second time when asked to complete what was done', async () => {
    await submit('aaaaaaaaaa', '');
    const { status, stdout } = spawnSync(
      shell,
      [
        '-c',
        preamble({ root, mark: '@m', deployment: 'chat', attempt: 'aaaaaaaaaa' }) +
          templates.read('remote/say.sh') +
          templates.read('remote/sbatch-once.sh'),
      ],
      { encoding: 'utf8', env: { PATH: `${directory}/bin:${process.env['PATH'] ?? ''}` } },
    );
    expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining('41') as string });
    expect(calls()).toHaveLength(1);
  });

  it('notes a refusal with its words', async () => {
    toySbatch('echo "sbatch: error: Invalid account" >&2; exit 1');
    const sections = await submit('aaaaaaaaaa', '');
    expect(sections[1]).toMatchObject({ argument: '1', stderr: 'sbatch: error: Invalid account\n' });
  });

  it('goes on with sbatch when everything of the connection is killed meanwhile', async () => {
    toySbatch('sleep 0.6; echo 41');
    const { pid, sections } = start('aaaaaaaaaa', '');
    while (calls().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    process.kill(-pid, 'SIGKILL');
    expect((await sections).map(({ name }) => name)).toEqual(['uploaded']);
    const rc = join(home(), 'jobs/aaaaaaaaaa/submit/rc');
    expect(existsSync(rc)).toBe(false);
    while (!existsSync(rc)) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(readFileSync(rc, 'utf8')).toBe('0\n');
    expect(calls()).toHaveLength(1);
  });
});
