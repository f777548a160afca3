import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JobSighting } from '../../../src/core/deployment/sighting.ts';
import { stateOf } from '../../../src/core/deployment/step.ts';
import { stateWords } from '../../../src/core/slurm/states.ts';
import { anEndpoint, anEvent, anObservation, seen, t0 } from '../../support/observations.ts';

describe('a job that Slurm lists', () => {
  it('waits with its reason and the estimate of its start', () => {
    const sighting = seen('PENDING', { reason: 'Priority', nodes: '', start: t0 + 600, end: undefined });
    expect(stateOf(anObservation({ sighting }), t0)).toEqual({
      stage: 'queued',
      job: '12',
      reason: 'Priority',
      held: false,
      startEstimate: t0 + 600,
      restarts: 0,
    });
  });

  it('starts before any replica was launched, loads after', () => {
    const sighting = seen('RUNNING');
    expect(stateOf(anObservation({ sighting, events: [anEvent('started')] }), t0).stage).toBe('starting');
    const events = [anEvent('started'), anEvent('launching', { replica: 0 })];
    expect(stateOf(anObservation({ sighting, events }), t0).stage).toBe('loading');
  });

  it('is ready once every replica answers', () => {
    const events = [anEvent('launching', { replica: 0 }), anEvent('launching', { replica: 1 })];
    const one = anObservation({ sighting: seen('RUNNING'), events, endpoints: [anEndpoint(0)] });
    expect(stateOf(one, t0).stage).toBe('loading');
    expect(stateOf({ ...one, endpoints: [anEndpoint(1), anEndpoint(0)] }, t0)).toMatchObject({
      stage: 'ready',
      of: 2,
      endpoints: [{ replica: 0 }, { replica: 1 }],
    });
  });

  it('is ready with the replicas that answer when another has failed', () => {
    const events = [anEvent('launching', { replica: 0 }), anEvent('failed', { replica: 1, exitCode: 1 })];
    const state = stateOf(
      anObservation({ sighting: seen('RUNNING'), events, endpoints: [anEndpoint(0)] }),
      t0,
    );
    expect(state).toMatchObject({ stage: 'ready', of: 2, endpoints: [{ replica: 0 }] });
  });

  it('has no endpoint of an earlier start after a requeue', () => {
    const sighting = seen('RUNNING', { restarts: 1, nodes: 'node2' });
    const events = [
      anEvent('ready', { replica: 0 }),
      anEvent('started', { restart: 1 }),
      anEvent('launching', { restart: 1, replica: 0 }),
    ];
    const endpoints = [anEndpoint(0), anEndpoint(1, { restart: 1, node: 'node2', host: 'node2' })];
    const state = stateOf(anObservation({ sighting, events, endpoints }), t0);
    expect(state).toMatchObject({ stage: 'loading', endpoints: [{ replica: 1, node: 'node2' }] });
  });

  it('drains when it says so', () => {
    const events = [anEvent('ready', { replica: 0 }), anEvent('draining')];
    const state = stateOf(
      anObservation({ sighting: seen('RUNNING'), events, endpoints: [anEndpoint(0)] }),
      t0,
    );
    expect(state.stage).toBe('draining');
  });

  it.each([
    ['TIMEOUT', 'time-limit'],
    ['OUT_OF_MEMORY', 'host-memory'],
    ['NODE_FAIL', 'node'],
    ['FAILED', 'failed'],
    ['CANCELLED', 'cancelled'],
  ])('ends as Slurm says: %s', (word, cause) => {
    expect(stateOf(anObservation({ sighting: seen(word) }), t0)).toMatchObject({ stage: 'ended', cause });
  });

  it('was stopped when the user asked for it, whatever Slurm calls that', () => {
    const state = stateOf(anObservation({ sighting: seen('CANCELLED'), stopped: t0 + 50 }), t0 + 60);
    expect(state).toMatchObject({ stage: 'ended', cause: 'stopped' });
  });

  it('names exit code and signal where accounting has them', () => {
    const sighting = seen('FAILED', { exit: { code: 3, signal: 0 } });
    expect(stateOf(anObservation({ sighting }), t0)).toMatchObject({ detail: 'FAILED, exit code 3' });
  });

  it('has a state for every word of Slurm, and never takes an unknown one for an end', () => {
    // UPDATE_DB is a flag beside a base state; alone it says nothing.
    for (const word of stateWords.filter((one) => one !== 'UPDATE_DB')) {
      expect(stateOf(anObservation({ sighting: seen(word) }), t0).stage, word).not.toBe('unknown');
    }
    expect(stateOf(anObservation({ sighting: seen('DREAMING') }), t0)).toMatchObject({ stage: 'unknown' });
  });
});

describe('a job that Slurm does not list', () => {
  it('is being submitted while sbatch has not answered', () => {
    const observation = anObservation({ submission: { kind: 'pending' } });
    expect(stateOf(observation, t0 + 10).stage).toBe('submitting');
  });

  it('was refused when sbatch said so', () => {
    const submission = { kind: 'refused', exitCode: 1, stderr: 'sbatch: error: Invalid account' } as const;
    const state = stateOf(anObservation({ submission }), t0);
    expect(state).toMatchObject({ stage: 'ended', cause: 'refused', detail: submission.stderr });
  });

  it('is in the queue when Slurm lists it, even if sbatch seemed to have refused it', () => {
    const submission = { kind: 'refused', exitCode: 1, stderr: 'sbatch: error: Something new' } as const;
    expect(stateOf(anObservation({ submission, sighting: seen('PENDING') }), t0).stage).toBe('queued');
  });

  it('ended when its own record says so', () => {
    const events = [
      anEvent('started'),
      anEvent('ended', { at: t0 + 99, exitCode: 1, text: 'No replica is left.' }),
    ];
    expect(stateOf(anObservation({ events }), t0 + 100)).toEqual({
      stage: 'ended',
      job: '12',
      cause: 'failed',
      detail: 'No replica is left.',
      at: t0 + 99,
    });
  });

  it('is unknown while its heart beat lately, and lost only long after', () => {
    const observation = anObservation({ heartbeat: t0 + 100 });
    expect(stateOf(observation, t0 + 130).stage).toBe('unknown');
    expect(stateOf(observation, t0 + 300)).toMatchObject({ stage: 'ended', cause: 'lost' });
  });
});

describe('without an answer from Slurm', () => {
  const silent: JobSighting = { seen: 'unanswered', because: 'Unable to contact slurm controller' };

  it('keeps the endpoints that were registered', () => {
    const observation = anObservation({
      sighting: silent,
      events: [anEvent('ready', { replica: 0 })],
      endpoints: [anEndpoint(0)],
    });
    expect(stateOf(observation, t0)).toMatchObject({
      stage: 'unknown',
      because: 'Slurm did not answer: Unable to contact slurm controller',
      endpoints: [{ replica: 0 }],
    });
  });

  it('declares no end but the one that the job itself recorded', () => {
    const stages = [
      'started',
      'launching',
      'loading',
      'ready',
      'retry',
      'draining',
      'failed',
      'ended',
    ] as const;
    const events = fc.array(fc.constantFrom(...stages), { maxLength: 12 });
    fc.assert(
      fc.property(
        events,
        fc.nat({ max: 10 ** 7 }),
        fc.option(fc.nat({ max: 10 ** 6 }), { nil: undefined }),
        (all, later, beat) => {
          const observation = anObservation({
            sighting: silent,
            events: all.map((stage, index) => anEvent(stage, { at: t0 + index })),
            heartbeat: beat === undefined ? undefined : t0 + beat,
          });
          const ended = stateOf(observation, t0 + later).stage === 'ended';
          expect(ended).toBe(all.at(-1) === 'ended');
        },
      ),
    );
  });
});
