import { describe, expect, it } from 'vitest';
import { columns } from '../../src/cli/columns.ts';
import { formatBytes, formatSeconds } from '../../src/cli/format.ts';
import { startProgress } from '../../src/cli/report/progress.ts';
import { fitted, recentRows, statusDocument, statusText } from '../../src/cli/report/status.ts';
import { stateSentence } from '../../src/cli/state-words.ts';
import { styleOf } from '../../src/cli/style.ts';
import type { Screen } from '../../src/cli/context.ts';
import { stateOf } from '../../src/core/deployment/step.ts';
import type { Observation } from '../../src/core/deployment/observation.ts';
import type { Status } from '../../src/flows/status.ts';
import { DeploymentName } from '../../src/core/names.ts';
import { aClock } from '../support/fake-ports.ts';
import { anEndpoint, anEvent, anObservation, seen, t0 } from '../support/observations.ts';
import { profile } from '../support/planning.ts';

function aScreen(isTerminal: boolean): Screen & { text(): string } {
  let text = '';
  return {
    isTerminal,
    colour: false,
    columns: 60,
    rows: 10,
    held: false,
    write: (more) => void (text += more),
    text: () => text,
  };
}

describe('formats', () => {
  it.each([
    [0, '0 s'],
    [59.6, '1 min'],
    [200, '3 min 20 s'],
    [7500, '2 h 5 min'],
    [273_600, '3 d 4 h'],
    [-5, '0 s'],
  ])('%f seconds are %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text));

  it.each([
    [512, '512 B'],
    [41_400, '41 kB'],
    [3_210_000, '3.2 MB'],
  ])('%i bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it('columns line up, and no line ends in blanks', () => {
    expect(
      columns([
        ['a', 'bb', ''],
        ['ccc', 'd', 'e'],
      ]),
    ).toBe('a    bb\nccc  d   e\n');
  });
});

describe('status', () => {
  const now = t0 + 100;
  const row = (observation: Observation): Status['rows'][number] => ({
    observation,
    state: stateOf(observation, now),
  });
  const ready = anObservation({
    sighting: seen('RUNNING'),
    events: [anEvent('launching', { replica: 0 })],
    endpoints: [anEndpoint(0), anEndpoint(1)],
  });
  const queued = anObservation({
    deployment: DeploymentName.parse('other'),
    sighting: seen('PENDING', { reason: 'QOSMaxGRESPerUser', nodes: '', start: t0 + 700, end: undefined }),
  });
  const gone = anObservation({
    deployment: DeploymentName.parse('gone'),
    sighting: seen('FAILED', { end: now - 90_000 }),
  });
  const status: Status = { now, rows: [row(ready), row(queued)], slurmSilent: undefined };

  it('is a table', () => {
    expect(statusText(status, profile(), styleOf(aScreen(false)))).toMatchInlineSnapshot(`
      "NAME       MODEL      STATE      JOB  NODES  GPUS       AGE         LEFT
      llama3-8b  llama3-8b  ready 2/2  12   node1  8×h100-80  1 min 35 s  58 min 25 s  node1:20000 node1:20001
      other      llama3-8b  queued     12   –      8×h100-80  –           –            Your jobs together are at the limit of GPUs that the QOS sets; Slurm expects the start in 10 min
      "
    `);
  });

  it('tells of a job that Slurm calls running but that has fallen silent', () => {
    const silent = { ...row(ready), observation: { ...ready, heartbeat: now - 300 } };
    const state = { ...silent.state, since: now - 900 } as typeof silent.state;
    const text = statusText({ ...status, rows: [{ ...silent, state }] }, profile(), styleOf(aScreen(false)));
    expect(text).toContain('no sign of life for 5 min; node1:20000');
  });

  it('has what lives above what has ended', () => {
    const text = statusText(
      { ...status, rows: [row(gone), row(queued)] },
      profile(),
      styleOf(aScreen(false)),
    );
    expect(text.split('\n').map((line) => line.split(' ')[0])).toEqual(['NAME', 'other', 'gone', '']);
  });

  it('is cut to what a screen shows, and says so', () => {
    expect(fitted('one\ntwo is long\nthree\n', { columns: 5, rows: 4 })).toBe('one\ntwo i\nthree\n');
    expect(fitted('1\n2\n3\n4\n', { columns: 9, rows: 4 })).toBe('1\n2\n… 2 more\n');
  });

  it('says whose word it is when Slurm is silent', () => {
    const text = statusText({ ...status, slurmSilent: 'down\u001b[2J' }, profile(), styleOf(aScreen(false)));
    expect(text).toContain('Slurm does not answer (down');
    expect(text).not.toContain('\u001b');
  });

  it('leaves out what ended more than a day ago', () => {
    expect(recentRows({ ...status, rows: [row(ready), row(gone)] })).toEqual([row(ready)]);
  });

  it("is a document that names the key's file, and holds no key", () => {
    const document = JSON.parse(JSON.stringify(statusDocument(status, profile()))) as {
      deployments: object[];
    };
    expect(document.deployments).toHaveLength(2);
    expect(document.deployments[0]).toMatchObject({
      deployment: 'llama3-8b',
      replicas: 2,
      state: {
        stage: 'ready',
        endpoints: [{ keyFile: '/home/me/key' }, {}],
        sentence: '2 of 2 replicas on node1',
      },
    });
  });

  it('explains why a job waits, and until when', () => {
    expect(stateSentence(stateOf(queued, now), now)).toMatch(/Slurm expects the start in 10 min$/);
  });
});

describe('progress', () => {
  it('on no terminal says nothing of a short wait, and speaks up after two seconds', async () => {
    const screen = aScreen(false);
    const clock = aClock();
    const progress = startProgress(screen, clock);
    progress.waitFor('waiting for job 7');
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(screen.text()).toBe('');
    await clock.sleep(2500);
    await new Promise((resolve) => setTimeout(resolve, 600));
    progress.stop();
    expect(screen.text()).toBe('… waiting for job 7 (3 s)\n');
  });

  it('on a terminal keeps one line, no wider than the screen, and clears it in the end', () => {
    const screen = aScreen(true);
    const progress = startProgress(screen, aClock());
    progress.waitFor('x'.repeat(200));
    progress.line('done');
    progress.stop();
    const drawn = screen.text().split('\r\u001b[2K');
    expect(drawn.every((line) => line.length < 60)).toBe(true);
    expect(screen.text()).toContain('done\n');
    expect(drawn.at(-1)).toBe('');
  });
});
