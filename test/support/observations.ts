import type { Observation } from '../../src/core/deployment/observation.ts';
import { EndpointRecord, JobEvent } from '../../src/core/deployment/records.ts';
import type { JobSighting, SeenJob } from '../../src/core/deployment/sighting.ts';
import { AttemptId, DeploymentName } from '../../src/core/names.ts';
import { interpretState } from '../../src/core/slurm/states.ts';

/** Seconds since 1970 at which the builders' jobs were submitted. */
export const t0 = 1_800_000_000;
export const deployment = DeploymentName.parse('llama3-8b');
export const attempt = AttemptId.parse('abcdefghij');

export function anObservation(change: Partial<Observation> = {}): Observation {
  return {
    deployment,
    attempt,
    summary: {
      deployment,
      attempt,
      model: 'llama3-8b',
      servedName: 'llama3-8b',
      engine: 'llamacpp',
      partition: 'h100',
      nodes: 1,
      gpus: 8,
      gpu: 'h100-80',
      replicas: 2,
      timeLimitMinutes: 60,
      createdAt: new Date(t0 * 1000).toISOString(),
    },
    submission: { kind: 'accepted', job: '12' },
    sighting: { seen: 'nowhere' },
    events: [],
    endpoints: [],
    heartbeat: undefined,
    stopped: undefined,
    ...change,
  };
}

/** A job in the queue in Slurm's `word`. */
export function seen(word: string, change: Partial<SeenJob> = {}): JobSighting {
  return {
    seen: 'queue',
    job: {
      job: '12',
      condition: interpretState(word),
      word,
      reason: '',
      nodes: 'node1',
      start: t0 + 5,
      end: t0 + 3605,
      restarts: 0,
      exit: undefined,
      ...change,
    },
  };
}

export function anEvent(stage: JobEvent['stage'], change: Partial<JobEvent> = {}): JobEvent {
  return JobEvent.parse({ stage, at: t0 + 10, job: '12', restart: 0, node: 'node1', ...change });
}

export function anEndpoint(replica: number, change: Record<string, unknown> = {}): EndpointRecord {
  return EndpointRecord.parse({
    deployment,
    job: '12',
    restart: 0,
    replica,
    node: 'node1',
    host: 'node1',
    port: 20_000 + replica,
    protocols: ['openai'],
    model: 'llama3-8b',
    identity: `identity${replica}`,
    keyFile: '/home/me/key',
    started: t0 + 10,
    ready: t0 + 20,
    expectedEnd: t0 + 3605,
    ...change,
  });
}
