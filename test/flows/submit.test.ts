import { describe, expect, it } from 'vitest';
import type { ScriptOutput, Script } from '../../src/core/ports.ts';
import { ok } from '../../src/core/result.ts';
import { prepare, submit } from '../../src/flows/submit.ts';
import { aClock, aRemote, drain, settingOf, someIds } from '../support/fake-ports.ts';
import { templates } from '../support/templates.ts';
import { profile, request } from '../support/planning.ts';

const ports = { clock: aClock(), ids: someIds(), templates };

function prepared(): ReturnType<typeof prepare> & { ok: true } {
  const result = prepare(ports, profile(), request('llama3-8b', { gpus: 8 }));
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result;
}

/** What the login host says to the look at the cluster: `records` as grep prints them. */
function lookAnswer(script: Script, records = '', queue = ''): Partial<ScriptOutput> {
  const mark = settingOf(script, 'mark');
  const part = (head: string, text = ''): string => `\n${mark} ${head}\n${text}`;
  const stdout =
    part('now', '1800000000\n') +
    part('squeue', queue) +
    part('squeue-status 0') +
    part('records', records) +
    part('end');
  return { stdout, stderr: '' };
}

function submitAnswer(
  script: Script,
  reply: { rc: string; out?: string; err?: string },
): Partial<ScriptOutput> {
  const mark = settingOf(script, 'mark');
  return {
    stdout: `\n${mark} uploaded\n\n${mark} sbatch ${reply.rc}\n${reply.out ?? ''}\n${mark} end\n`,
    stderr: `\n${mark} uploaded\n\n${mark} sbatch ${reply.rc}\n${reply.err ?? ''}\n${mark} end\n`,
  };
}

const isLook = (script: Script): boolean => script.what === 'look at the deployments';

describe('prepare', () => {
  it('puts the key into one file of mode 0600, and into nothing else', () => {
    const { plan, bundle } = prepared().value;
    const secret = bundle.files.find((file) => file.secret === true);
    expect(secret).toMatchObject({ path: 'key', mode: 0o600 });
    const elsewhere = bundle.files.filter(
      (file) => file !== secret && file.content.includes(secret?.content ?? ''),
    );
    expect(elsewhere).toEqual([]);
    expect(JSON.stringify([plan, bundle.sbatch])).not.toContain(secret?.content);
  });

  it('gives another attempt each time', () => {
    expect(prepared().value.plan.attempt).not.toBe(prepared().value.plan.attempt);
  });
});

describe('submit', () => {
  it('takes two round trips to the accepted job', async () => {
    const remote = aRemote((script) =>
      isLook(script) ? lookAnswer(script) : submitAnswer(script, { rc: '0', out: '12\n' }),
    );
    const { events, value } = await drain(
      submit(ports, () => Promise.resolve(ok(remote)), profile(), prepared().value),
    );
    expect(value).toEqual({ ok: true, value: '12' });
    expect(remote.scripts).toHaveLength(2);
    expect(events.map(({ event }) => event)).toEqual(['working', 'working', 'uploaded', 'submitted']);
  });

  it('refuses a name that is being served, before anything is uploaded', async () => {
    const records = 'llama3-8b/jobs/abcdefghij/submit/rc:0\nllama3-8b/jobs/abcdefghij/submit/out:7\n';
    const remote = aRemote((script) =>
      lookAnswer(script, `${records}llama3-8b/jobs/abcdefghij/heartbeat:1799999990\n`),
    );
    const { value } = await drain(
      submit(ports, () => Promise.resolve(ok(remote)), profile(), prepared().value),
    );
    expect(value).toMatchObject({
      ok: false,
      failure: { kind: 'deployment-exists', deployment: 'llama3-8b' },
    });
    expect(remote.scripts).toHaveLength(1);
  });

  it('explains what sbatch refuses', async () => {
    const err =
      'sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified\n';
    const remote = aRemote((script) =>
      isLook(script) ? lookAnswer(script) : submitAnswer(script, { rc: '1', err }),
    );
    const { value } = await drain(
      submit(ports, () => Promise.resolve(ok(remote)), profile(), prepared().value),
    );
    expect(value).toMatchObject({
      ok: false,
      failure: { kind: 'slurm-refused', exitCode: 1, meaning: expect.any(String) as string },
    });
  });

  it.each([
    ['the connection is lost', 'lost' as const],
    [
      'the controller times out',
      {
        rc: '1',
        err: 'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation\n',
      },
    ],
    ['nothing was noted', { rc: '' }],
  ])('does not claim to know when %s', async (_, reply) => {
    const remote = aRemote((script) => {
      if (isLook(script)) return lookAnswer(script);
      return reply === 'lost' ? 'lost' : submitAnswer(script, reply);
    });
    const { value } = await drain(
      submit(ports, () => Promise.resolve(ok(remote)), profile(), prepared().value),
    );
    expect(value).toMatchObject({ ok: false, failure: { kind: 'submit-uncertain' } });
    expect(remote.scripts.filter((script) => !isLook(script))).toHaveLength(1);
  });

  it('finds the job by the note on the cluster after the connection was lost', async () => {
    const wanted = prepared().value;
    let landed = false;
    const remote = aRemote((script) => {
      if (!isLook(script)) {
        landed = true;
        return 'lost';
      }
      const at = `llama3-8b/jobs/${wanted.plan.attempt}/submit`;
      return lookAnswer(script, landed ? `${at}/rc:0\n${at}/out:31\n` : '');
    });
    const { events, value } = await drain(
      submit(ports, () => Promise.resolve(ok(remote)), profile(), wanted),
    );
    expect(value).toEqual({ ok: true, value: '31' });
    expect(events.at(-1)).toMatchObject({ event: 'submitted', job: '31' });
  });

  it('completes a submission whose files arrived before sbatch could run', async () => {
    const wanted = prepared().value;
    const at = `llama3-8b/jobs/${wanted.plan.attempt}`;
    let [arrived, ran] = [false, false];
    const remote = aRemote((script) => {
      if (isLook(script)) {
        const submitted = ran ? `${at}/submit/rc:0\n${at}/submit/out:31\n` : '';
        return lookAnswer(script, arrived ? `${at}/summary.json:{}\n${submitted}` : '');
      }
      if (!arrived) {
        arrived = true;
        return 'lost';
      }
      ran = true;
      return submitAnswer(script, { rc: '0', out: '31\n' });
    });
    const { value } = await drain(submit(ports, () => Promise.resolve(ok(remote)), profile(), wanted));
    expect(value).toEqual({ ok: true, value: '31' });
    expect(remote.scripts.filter((script) => !isLook(script))).toHaveLength(2);
  });

  it('says when the root can not be written', async () => {
    const remote = aRemote((script) =>
      isLook(script) ? lookAnswer(script) : { exitCode: 12, stderr: 'tar: No space left on device\n' },
    );
    const { value } = await drain(
      submit(ports, () => Promise.resolve(ok(remote)), profile(), prepared().value),
    );
    expect(value).toMatchObject({ ok: false, failure: { kind: 'root-unusable', root: profile().root } });
  });

  it('says when another client was quicker', async () => {
    const remote = aRemote((script) =>
      isLook(script) ? lookAnswer(script) : { stdout: `\n${settingOf(script, 'mark')} taken\n` },
    );
    const { value } = await drain(
      submit(ports, () => Promise.resolve(ok(remote)), profile(), prepared().value),
    );
    expect(value).toMatchObject({ ok: false, failure: { kind: 'deployment-exists' } });
  });
});
