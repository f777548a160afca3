import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { apiKey, ToyJob } from './toy-job.ts';

const jobs: ToyJob[] = [];

function start(options: ConstructorParameters<typeof ToyJob>[0]): ToyJob {
  const job = new ToyJob(options);
  jobs.push(job);
  return job;
}

afterEach(async () => {
  for (const job of jobs.splice(0)) await job.remove();
}, 60_000);

async function ask(port: number, key?: string): Promise<number> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const answer = await fetch(`http://127.0.0.1:${port}/v1/completions`, {
    method: 'POST',
    headers,
    body: '{}',
  });
  return answer.status;
}

describe('a job of eight replicas on two nodes', () => {
  it('registers each, keeps the key to itself, and leaves nothing when it is stopped', async () => {
    const job = start({ gpus: 8, partition: 'a100' });
    await job.until('8 endpoints', () => job.endpoints().length === 8, 30);
    const endpoints = job.endpoints();

    expect(endpoints.map(({ replica, node }) => `${replica}@${node}`)).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7].map((replica) => `${replica}@toy${replica < 4 ? 0 : 1}`),
    );
    expect(new Set(endpoints.map(({ port }) => port)).size).toBe(8);
    expect(new Set(endpoints.map(({ identity }) => identity)).size).toBe(8);
    expect(endpoints.every(({ started, ready }) => started <= ready)).toBe(true);
    await job.until(
      'eight ready events',
      () => job.stages().filter((stage) => stage === 'ready').length === 8,
    );
    expect(job.stages()[0]).toBe('started');

    // Each replica of a node has one of its GPUs, as Slurm calls them.
    const starts = job.notes().filter((note) => note.start !== undefined);
    expect(starts.map(({ gpus }) => gpus).toSorted()).toEqual([
      '10',
      '10',
      '11',
      '11',
      '12',
      '12',
      '13',
      '13',
    ]);

    // A request was really answered before the replica was registered.
    const probes = job.notes().filter(({ url }) => url === '/v1/completions');
    expect(new Set(probes.map(({ port }) => port)).size).toBe(8);
    expect(await ask(endpoints[0]?.port ?? 0)).toBe(401);
    expect(await ask(endpoints[0]?.port ?? 0, apiKey)).toBe(200);

    expect(job.processes().length).toBeGreaterThan(8);
    expect(job.processes().filter((line) => line.includes(apiKey))).toEqual([]);
    for (const [name, mode] of job.modes()) {
      expect(`${name} ${mode.toString(8)}`).toMatch(/ [67]00$/);
      if (mode === 0o600 && name !== 'key') {
        expect(readFileSync(join(job.plan.paths.job, name), 'utf8'), name).not.toContain(apiKey);
      }
    }

    job.signal('SIGTERM');
    expect(await job.exit()).toBe(0);
    expect(job.endpoints()).toEqual([]);
    expect(job.processes()).toEqual([]);
    expect(job.events().at(-1)).toMatchObject({ stage: 'ended', text: 'Slurm asked the job to stop.' });
    expect(job.stages()).not.toContain('failed');
    expect([...job.modes().keys()].filter((name) => name.endsWith('.tmp'))).toEqual([]);
  }, 60_000);
});

describe('one replica', () => {
  it('is started again when its engine is killed, with a new identity', async () => {
    const job = start({ gpus: 1, partition: 'h100' });
    await job.until('an endpoint', () => job.endpoints().length === 1);
    const before = job.endpoints()[0];
    process.kill(job.notes()[0]?.pid ?? 0, 'SIGKILL');
    await job.until('a failure', () => job.stages().includes('failed'));
    await job.until(
      'a new endpoint',
      () => (job.endpoints()[0]?.identity ?? before?.identity) !== before?.identity,
    );
    expect(job.events().find(({ stage }) => stage === 'failed')).toMatchObject({ exitCode: 137, replica: 0 });
    // The event follows the record.
    await job.until('ready again', () => job.stages().filter((stage) => stage === 'ready').length === 2);
  });

  it('takes the GPUs that Slurm names, MIG slices too', async () => {
    const job = start({ gpus: 1, partition: 'h100', visible: 'MIG-a-b-c,MIG-d-e-f' });
    await job.until('an endpoint', () => job.endpoints().length === 1);
    expect(job.notes()[0]?.gpus).toBe('MIG-a-b-c');
  });

  it('is not started where Slurm gave too few GPUs', async () => {
    const job = start({ gpus: 2, partition: 'h100', visible: '0' });
    await job.until('one endpoint', () => job.endpoints().length === 1);
    await job.until('a failure', () => job.stages().includes('failed'));
    expect(job.events().find(({ stage }) => stage === 'failed')).toMatchObject({ replica: 1 });
    expect(job.endpoints()).toHaveLength(1);
  });

  it.each([
    ['weights', /^There are no weights \S.*model\.gguf on toy0/],
    ['program', /^There is no program llama-server on toy0/],
  ] as const)('is given up at once where its %s is not there', async (without, text) => {
    const job = start({ gpus: 1, partition: 'h100', without });
    expect(await job.exit()).toBe(1);
    expect(job.stages()).toEqual(['started', 'failed', 'ended']);
    expect(job.events()[1]).toMatchObject({ text: expect.stringMatching(text) as string });
    expect(readFileSync(join(job.plan.paths.logs, 'replica-0.log'), 'utf8')).toContain('on toy0');
  });

  it('is given up after three restarts, and the job ends with a failure', async () => {
    const job = start({ gpus: 1, partition: 'h100', fault: 'crash' });
    expect(await job.exit()).toBe(1);
    const failures = job.events().filter(({ stage }) => stage === 'failed');
    expect(failures.map(({ exitCode }) => exitCode)).toEqual([7, 7, 7, 7]);
    expect(job.events().at(-1)).toMatchObject({ stage: 'ended', exitCode: 1 });
  }, 40_000);

  it('moves to another port when its own is taken', async () => {
    const job = start({ gpus: 1, partition: 'h100', fault: 'taken' });
    await job.until('an endpoint', () => job.endpoints().length === 1);
    const [first, second] = job.notes().filter((note) => note.start !== undefined);
    expect(second?.port).not.toBe(first?.port);
    expect(job.endpoints()[0]?.port).toBe(second?.port);
    expect(job.events().find(({ stage }) => stage === 'retry')?.text).toContain('was taken');
    expect(job.stages()).not.toContain('failed');
  });

  it.skipIf(process.getuid?.() !== 0)(
    'never shows the key to a server of another user',
    async () => {
      const job = start({ gpus: 1, partition: 'h100', fault: 'impostor' });
      await job.until('an endpoint', () => job.endpoints().length === 1, 25);
      expect(job.notes('.squatter').filter(({ start: started }) => started === undefined)).toEqual([]);
      expect(job.events().find(({ stage }) => stage === 'retry')?.text).toContain('was taken');
    },
    40_000,
  );

  it('is not registered while real requests fail, and says so', async () => {
    const job = start({ gpus: 1, partition: 'h100', fault: 'broken' });
    await job.until('a complaint', () =>
      job.events().some(({ text }) => text?.includes('HTTP 500') === true),
    );
    expect(job.endpoints()).toEqual([]);
  });

  it('tells when the end is near', async () => {
    const job = start({ gpus: 1, partition: 'h100' });
    await job.until('an endpoint', () => job.endpoints().length === 1);
    job.signal('SIGUSR1');
    await job.until('the notice', () => job.stages().includes('draining'));
    expect(job.endpoints()).toHaveLength(1);
  });

  it('ends an engine that ignores TERM', async () => {
    const job = start({ gpus: 1, partition: 'h100', fault: 'stubborn' });
    await job.until('an endpoint', () => job.endpoints().length === 1);
    job.signal('SIGTERM');
    expect(await job.exit()).toBe(0);
    expect(job.notes().some(({ ignored }) => ignored === 'SIGTERM')).toBe(true);
    expect(job.processes()).toEqual([]);
  }, 30_000);
});
