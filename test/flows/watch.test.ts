import { describe, expect, it } from 'vitest';
import type { DeploymentState } from '../../src/core/deployment/state.ts';
import type { Event } from '../../src/core/event.ts';
import type { Script, ScriptOutput } from '../../src/core/ports.ts';
import { fail, ok, type Result } from '../../src/core/result.ts';
import { watch } from '../../src/flows/watch.ts';
import { aClock, aRemote, drain, settingOf, someIds } from '../support/fake-ports.ts';
import { templates } from '../support/templates.ts';
import { anEndpoint, anEvent, anObservation, attempt, t0 } from '../support/observations.ts';
import { profile } from '../support/planning.ts';

/** What the cluster shows at one look: Slurm's word, or that it is gone, and what the job has written. */
interface Scene {
  readonly word: string;
  readonly reason?: string;
  readonly events?: readonly object[];
  readonly endpoints?: readonly object[];
}

function answerOf(
  script: Script,
  { word, reason = 'None', events = [], endpoints = [] }: Scene,
): Partial<ScriptOutput> {
  const mark = settingOf(script, 'mark');
  const part = (head: string, text = ''): string => `\n${mark} ${head}\n${text}`;
  const at = `llama3-8b/jobs/${attempt}`;
  const lines = [
    `${at}/summary.json:${JSON.stringify(anObservation().summary)}`,
    `${at}/submit/rc:0`,
    `${at}/submit/out:12`,
    ...events.map((event, index) => `${at}/events/${index}.json:${JSON.stringify(event)}`),
    ...endpoints.map((endpoint, index) => `${at}/endpoints/${index}.json:${JSON.stringify(endpoint)}`),
  ];
  const row = [
    '12',
    word,
    'h100',
    'ml',
    'normal',
    'node1',
    '1',
    `${t0}`,
    `${t0 + 5}`,
    `${t0 + 3605}`,
    '1:00:00',
    '0',
    '(null)',
    reason,
    `hs.llama3-8b.${attempt}`,
  ];
  const asked = settingOf(script, 'ask_slurm') === 'yes';
  const queue = asked ? part('squeue', `${row.join('\u001f')}\u001e\n`) + part('squeue-status 0') : '';
  return {
    stdout: part('now', `${t0 + 60}\n`) + queue + part('records', `${lines.join('\n')}\n`) + part('end'),
  };
}

const loading: Scene = { word: 'RUNNING', events: [anEvent('launching', { replica: 0 })] };
const ready: Scene = { ...loading, endpoints: [anEndpoint(0), anEndpoint(1)] };

async function watched(
  scenes: readonly (Scene | 'lost')[],
  done: (state: DeploymentState) => boolean = ({ stage }) => stage === 'ready' || stage === 'ended',
): Promise<{
  events: readonly Event[];
  value: Result<DeploymentState>;
  slurmAsked: number;
  looks: number;
  slept: number;
}> {
  let next = 0;
  const remote = aRemote((script) => {
    const scene = scenes[Math.min(next++, scenes.length - 1)] ?? 'lost';
    return scene === 'lost' ? 'lost' : answerOf(script, scene);
  });
  const clock = aClock();
  const ports = { clock, ids: someIds(), templates };
  const options = {
    reconnect: () => Promise.resolve(ok(remote)),
    done,
    signal: new AbortController().signal,
  };
  const { events, value } = await drain(watch(ports, profile(), 'llama3-8b', options));
  const slurmAsked = remote.scripts.filter((script) => settingOf(script, 'ask_slurm') === 'yes').length;
  return { events, value, slurmAsked, looks: remote.scripts.length, slept: clock.slept() };
}

const stages = (events: readonly Event[]): readonly string[] =>
  events.flatMap((event) => (event.event === 'state' ? [event.state.stage] : []));

describe('watch', () => {
  it('tells transitions only, and ends with the state that was waited for', async () => {
    const waiting: Scene = { word: 'PENDING', reason: 'Priority' };
    const { events, value } = await watched([waiting, waiting, waiting, loading, loading, ready]);
    expect(stages(events)).toEqual(['queued', 'loading', 'ready']);
    expect(value).toMatchObject({ ok: true, value: { stage: 'ready' } });
  });

  it('tells another reason of the same wait', async () => {
    const { events } = await watched([
      { word: 'PENDING', reason: 'Priority' },
      { word: 'PENDING', reason: 'Resources' },
      ready,
    ]);
    expect(stages(events)).toEqual(['queued', 'queued', 'ready']);
  });

  it('reads records every second while engines load, and asks Slurm every five', async () => {
    const { slurmAsked, looks, slept } = await watched([...Array<Scene>(33).fill(loading), ready]);
    expect(looks).toBe(34);
    expect(slept).toBeLessThan(40_000);
    expect(slurmAsked).toBeLessThanOrEqual(3 + Math.ceil(slept / 5000));
  });

  it('goes on after a lost connection, and gives up only after ten minutes', async () => {
    const healed = await watched([loading, 'lost', 'lost', ready]);
    expect(stages(healed.events)).toEqual(['loading', 'ready']);
    const given = await watched([loading, 'lost']);
    expect(given.value).toMatchObject({ ok: false, failure: { kind: 'connection-lost' } });
    expect(given.slept).toBeGreaterThanOrEqual(600_000);
  });

  it('does not try again what will not pass', async () => {
    const ports = { clock: aClock(), ids: someIds(), templates };
    const refused = fail({
      kind: 'host-key-refused',
      host: 'login',
      fingerprint: 'x',
      reason: 'changed',
      where: 'y',
    } as const);
    const options = {
      reconnect: () => Promise.resolve(refused),
      done: () => false,
      signal: new AbortController().signal,
    };
    const { events, value } = await drain(watch(ports, profile(), 'llama3-8b', options));
    expect(events).toEqual([]);
    expect(value).toEqual(refused);
  });

  it('ends when it is interrupted, and says that the job goes on', async () => {
    const abort = new AbortController();
    const remote = aRemote((script) => {
      abort.abort();
      return answerOf(script, loading);
    });
    const ports = { clock: aClock(), ids: someIds(), templates };
    const options = { reconnect: () => Promise.resolve(ok(remote)), done: () => false, signal: abort.signal };
    const { value } = await drain(watch(ports, profile(), 'llama3-8b', options));
    expect(value).toMatchObject({
      ok: false,
      failure: { kind: 'interrupted', still: expect.stringContaining('goes on') as string },
    });
  });
});
