import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Script, ScriptOutput } from '../../src/core/ports.ts';
import { observe } from '../../src/flows/observe.ts';
import { aRemote, someIds } from '../support/fake-ports.ts';
import { templates } from '../support/templates.ts';
import { anEndpoint, anEvent, anObservation, t0 } from '../support/observations.ts';
import { profile } from '../support/planning.ts';

/** flows/observe.ts with its script under a real shell: real files, and toys for squeue and sacct that count their calls. */
describe.each(['dash', 'bash'])('observe under %s', (shell) => {
  let directory = '';
  let root = '';

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'hpc-serve-observe-'));
    root = join(directory, "ro'ot $(x)");
    mkdirSync(join(directory, 'bin'));
    toy('squeue', '');
    toy('sacct', '');
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  /** A program on the PATH that prints `rows` and notes its arguments. */
  const toy = (name: string, rows: string, status = 0): void => {
    writeFileSync(join(directory, `${name}.rows`), rows);
    const path = join(directory, 'bin', name);
    writeFileSync(
      path,
      `#!/bin/sh\nprintf '%s\\n' "$*" >>'${directory}/${name}.calls'\ncat '${directory}/${name}.rows'\nexit ${status}\n`,
    );
    chmodSync(path, 0o755);
  };

  const callsOf = (name: string): readonly string[] => {
    const file = join(directory, `${name}.calls`);
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  };

  const deploy = (deployment: string, attempt: string, files: Readonly<Record<string, string>>): void => {
    const home = join(root, 'deployments', deployment);
    for (const [file, text] of Object.entries(files)) {
      const path = join(home, 'jobs', attempt, file);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, `${text}\n`);
    }
    writeFileSync(join(home, 'current'), `${attempt}\n`);
  };

  const run = ({ text }: Script): ScriptOutput => {
    const { status, stdout, stderr } = spawnSync(shell, ['-c', text], {
      encoding: 'utf8',
      env: {
        PATH: `${directory}/bin:${process.env['PATH'] ?? ''}`,
        SQUEUE_FORMAT: 'nonsense',
        SLURM_TIME_FORMAT: 'relative',
      },
      maxBuffer: 2 ** 26,
    });
    return { exitCode: status ?? -1, stdout, stderr };
  };

  const look = (options: Parameters<typeof observe>[3] = {}): ReturnType<typeof observe> =>
    observe({ templates, ids: someIds() }, aRemote(run), profile({ root }), options);

  const queueRow = (id: string, name: string): string =>
    `${[id, 'RUNNING', 'h100', 'ml', 'normal', 'node1', '1', `${t0}`, `${t0 + 5}`, `${t0 + 3605}`, '1:00:00', '0', '(null)', 'None', name].join('\u001f')}\u001e\n`;

  it('waits ten seconds for accounting that hangs, and tells the rest', { timeout: 30_000 }, async () => {
    deploy('llama3-8b', 'abcdefghij', { 'submit/rc': '0', 'submit/out': '12' });
    writeFileSync(join(directory, 'bin', 'sacct'), '#!/bin/sh\nexec sleep 60\n');
    const began = performance.now();
    expect(await look()).toMatchObject({
      value: {
        observations: [{ sighting: { seen: 'unanswered', because: 'sacct had no answer within 10 s' } }],
      },
    });
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  it('does not take a root that it can not read for an empty one', async () => {
    mkdirSync(root);
    writeFileSync(join(root, 'deployments'), '');
    expect(await look()).toMatchObject({
      ok: false,
      failure: { kind: 'remote-output', evidence: expect.stringContaining('Not a directory') as string },
    });
  });

  it('reads records and queue in one go', async () => {
    const { summary } = anObservation();
    deploy('llama3-8b', 'abcdefghij', {
      'summary.json': JSON.stringify(summary),
      'submit/rc': '0',
      'submit/out': '12',
      heartbeat: `${t0 + 9}`,
      'events/1-started-node1.json': JSON.stringify(anEvent('started')),
      'endpoints/0.json': JSON.stringify(anEndpoint(0)),
    });
    toy('squeue', queueRow('12', 'hs.llama3-8b.abcdefghij'));
    const view = await look();
    expect(view).toMatchObject({
      ok: true,
      value: {
        slurmSilent: undefined,
        observations: [
          {
            summary,
            submission: { kind: 'accepted', job: '12' },
            sighting: { seen: 'queue', job: { job: '12', nodes: 'node1', end: t0 + 3605 } },
            events: [{ stage: 'started' }],
            endpoints: [{ replica: 0 }],
            heartbeat: t0 + 9,
          },
        ],
      },
    });
    expect(callsOf('sacct')).toEqual([]);
  });

  it('asks squeue once and sacct at most once, for 200 deployments as for one', async () => {
    for (let index = 0; index < 200; index += 1) {
      deploy(`d${index}`, 'abcdefghij', {
        'submit/rc': '0',
        'submit/out': `Welcome!\n${1000 + index};lab`,
        heartbeat: `${t0}`,
      });
    }
    toy('squeue', queueRow('1000', 'hs.d0.abcdefghij'));
    const view = await look();
    expect(view.ok && view.value.observations).toHaveLength(200);
    expect(callsOf('squeue')).toHaveLength(1);
    expect(callsOf('sacct')).toHaveLength(1);
    // The shell's order: d1, d10, d100, …
    expect(callsOf('sacct')[0]).toMatch(/-j 1001,1010,1100,/);
  });

  it('tells a silent controller from an empty queue', async () => {
    deploy('llama3-8b', 'abcdefghij', { 'submit/rc': '0', 'submit/out': '12' });
    toy('squeue', '', 1);
    expect(await look()).toMatchObject({
      ok: true,
      value: { observations: [{ sighting: { seen: 'unanswered' } }] },
    });
    toy('squeue', '');
    expect(await look()).toMatchObject({
      ok: true,
      value: { slurmSilent: undefined, observations: [{ sighting: { seen: 'nowhere' } }] },
    });
  });

  it('leaves Slurm alone when asked to', async () => {
    deploy('llama3-8b', 'abcdefghij', { 'submit/rc': '0', 'submit/out': '12' });
    expect(await look({ askSlurm: false })).toMatchObject({
      ok: true,
      value: { observations: [{ sighting: { seen: 'not-asked' } }] },
    });
    expect([...callsOf('squeue'), ...callsOf('sacct')]).toEqual([]);
  });

  it('looks at one deployment alone when asked to, and at none where there is no root', async () => {
    expect(await look()).toMatchObject({ ok: true, value: { observations: [] } });
    deploy('one', 'abcdefghij', { heartbeat: '1' });
    deploy('two', 'abcdefghij', { heartbeat: '2' });
    expect(await look({ only: 'two' })).toMatchObject({
      ok: true,
      value: { observations: [{ deployment: 'two' }] },
    });
  });

  it('takes an answer that was cut for a failure', async () => {
    const remote = aRemote((script) => {
      const output = run(script);
      return { ...output, stdout: output.stdout.slice(0, -20) };
    });
    const view = await observe({ templates, ids: someIds() }, remote, profile({ root }));
    expect(view).toMatchObject({ ok: false, failure: { kind: 'remote-output' } });
  });
});
