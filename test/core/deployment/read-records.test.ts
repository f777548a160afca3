import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRecords } from '../../../src/core/deployment/read-records.ts';
import { anEndpoint, anEvent, anObservation, attempt, deployment } from '../../support/observations.ts';

const at = `${deployment}/jobs/${attempt}`;
const line = (file: string, value: unknown): string =>
  `${at}/${file}:${typeof value === 'string' ? value : JSON.stringify(value)}`;

describe('readRecords', () => {
  it('reads what a job wrote, in the order of time', () => {
    const { summary } = anObservation();
    const text = [
      line('summary.json', summary),
      line('submit/rc', '0'),
      line('submit/out', '12;cluster'),
      line('events/2-ready-node1-0.json', anEvent('ready', { replica: 0, at: 20 })),
      line('events/1-started-node1.json', anEvent('started', { at: 10 })),
      line('endpoints/0.json', anEndpoint(0)),
      line('heartbeat', '1800000000.25'),
    ].join('\n');
    expect(readRecords(text)).toEqual([
      {
        deployment,
        attempt,
        summary,
        submission: { kind: 'accepted', job: '12' },
        events: [anEvent('started', { at: 10 }), anEvent('ready', { replica: 0, at: 20 })],
        endpoints: [anEndpoint(0)],
        heartbeat: 1_800_000_000.25,
        stopped: undefined,
      },
    ]);
  });

  it('takes the job id from the last line of sbatch, below whatever a site prints', () => {
    const text = [line('submit/rc', '0'), line('submit/out', 'Welcome!'), line('submit/out', '77')].join(
      '\n',
    );
    expect(readRecords(text)[0]?.submission).toEqual({ kind: 'accepted', job: '77' });
  });

  it('keeps a refusal with its words', () => {
    const text = [
      line('submit/rc', '1'),
      line('submit/err', 'sbatch: error: a: b'),
      line('submit/err', 'more'),
    ].join('\n');
    expect(readRecords(text)[0]?.submission).toEqual({
      kind: 'refused',
      exitCode: 1,
      stderr: 'sbatch: error: a: b\nmore',
    });
  });

  it.each([
    [
      'the controller was too slow to answer',
      '1',
      'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation',
    ],
    ['sbatch was killed', '137', ''],
  ])('takes it for no refusal when %s', (_, rc, err) => {
    const text = [line('submit/rc', rc), line('submit/err', err)].join('\n');
    expect(readRecords(text)[0]?.submission).toEqual({ kind: 'pending' });
  });

  it('leaves out what is torn or not ours, and keeps the rest', () => {
    const text = [
      line('endpoints/0.json', '{"deployment":'),
      line('endpoints/1.json', { ...anEndpoint(1), host: 'a b; rm -rf' }),
      line('endpoints/2.json', anEndpoint(2)),
      'Other/jobs/abcdefghij/endpoints/0.json:{}',
      'noise',
    ].join('\n');
    expect(readRecords(text)).toMatchObject([{ endpoints: [{ replica: 2 }] }]);
  });

  it('never throws, whatever the files hold', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.constantFrom('summary.json', 'events/a.json', 'submit/rc', 'heartbeat'), fc.string()),
        ),
        (files) => {
          expect(
            readRecords(files.map(([file, value]) => line(file, value)).join('\n')).length,
          ).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
