import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Result } from '../../src/core/result.ts';
import { stop, type Stopped } from '../../src/flows/stop.ts';
import { aRemote, drain, someIds } from '../support/fake-ports.ts';
import { templates } from '../support/templates.ts';
import { profile } from '../support/planning.ts';

/** flows/stop.ts with its scripts under a real shell; a toy queue lists the job until scancel was called often enough. */
describe.each(['dash', 'bash'])('stop under %s', (shell) => {
  let directory = '';
  let root = '';
  const at = (): string => join(root, 'deployments/chat/jobs/abcdefghij');

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'hpc-serve-stop-'));
    root = join(directory, 'root');
    mkdirSync(join(directory, 'bin'));
    mkdirSync(join(at(), 'submit'), { recursive: true });
    writeFileSync(join(root, 'deployments/chat/current'), 'abcdefghij\n');
    writeFileSync(join(at(), 'submit/rc'), '0\n');
    writeFileSync(join(at(), 'submit/out'), '12\n');
    writeFileSync(join(at(), 'heartbeat'), `${Math.floor(Date.now() / 1000)}\n`);
    toy('sacct', 'exit 0');
    toy('scancel', `printf '%s\\n' "$*" >>'${directory}/cancelled'`);
    // The last looks find nothing: the job ends two looks after scancel.
    toy(
      'squeue',
      `case "$*" in *--Format*) exit 0 ;; esac
[ -e '${directory}/cancelled' ] || { echo RUNNING; exit 0; }
echo x >>'${directory}/looks'
[ "$(wc -l <'${directory}/looks')" -gt 2 ] || echo COMPLETING`,
    );
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  const toy = (name: string, body: string): void => {
    const path = join(directory, 'bin', name);
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
  };

  const run = async (deployment = 'chat'): Promise<Result<Stopped>> => {
    const remote = aRemote(({ text }) => {
      const env = { PATH: `${directory}/bin:${process.env['PATH'] ?? ''}` };
      const { status, stdout, stderr } = spawnSync(shell, ['-c', text], { encoding: 'utf8', env });
      return { exitCode: status ?? -1, stdout, stderr };
    });
    const ports = { templates, ids: someIds() };
    return (await drain(stop(ports, remote, profile({ root }), deployment))).value;
  };

  it('cancels by its unique name, and waits until Slurm no longer lists the job', async () => {
    expect(await run()).toEqual({ ok: true, value: { deployment: 'chat', job: '12', wasRunning: true } });
    const cancelled = readFileSync(join(directory, 'cancelled'), 'utf8');
    expect(cancelled).toMatch(/^--quiet --user=\S+ --name=hs\.chat\.abcdefghij\n$/);
    expect(readFileSync(join(directory, 'looks'), 'utf8').split('\n').length).toBeGreaterThan(3);
    expect(Number(readFileSync(join(at(), 'stopped'), 'utf8'))).toBeGreaterThan(1_700_000_000);
  });

  it('cancels nothing that has ended', async () => {
    mkdirSync(join(at(), 'events'));
    const ended = { stage: 'ended', at: 1_800_000_000, job: '12', restart: 0, node: 'node1', exitCode: 0 };
    writeFileSync(join(at(), 'events/9.json'), `${JSON.stringify(ended)}\n`);
    expect(await run()).toMatchObject({ ok: true, value: { wasRunning: false } });
    expect(existsSync(join(directory, 'cancelled'))).toBe(false);
  });

  it('does not call it ended when Slurm is silent', async () => {
    toy('squeue', 'case "$*" in *--Format*) exit 0 ;; esac; echo "squeue: error: down" >&2; exit 1');
    expect(await run()).toMatchObject({ ok: false, failure: { kind: 'slurm-unavailable' } });
  });

  it('leaves no mark of a stop that Slurm did not take', async () => {
    toy('scancel', 'echo "scancel: error: Unable to contact slurm controller" >&2; exit 1');
    expect(await run()).toMatchObject({ ok: false, failure: { kind: 'slurm-unavailable' } });
    expect(existsSync(join(at(), 'stopped'))).toBe(false);
  });

  it('names the deployments there are when asked for one that is not', async () => {
    expect(await run('chit')).toMatchObject({
      ok: false,
      failure: { kind: 'deployment-unknown', known: ['chat'] },
    });
  });
});
