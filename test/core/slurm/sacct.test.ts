import { describe, expect, it } from 'vitest';
import { type AccountingRow, parseSacct, sacctArguments } from '../../../src/core/slurm/sacct.ts';
import { interpretState } from '../../../src/core/slurm/states.ts';
import { captured, type Release, releases, versionOf } from './captured.ts';

function rowsOf(release: Release, file = 'sacct.txt'): readonly AccountingRow[] {
  const parsed = parseSacct(captured(release, file), versionOf(release));
  if (!parsed.ok) throw new Error(parsed.failure);
  return parsed.value;
}

it('asks for jobs by id, or by name since some hours', () => {
  expect(sacctArguments({ jobs: ['7', '8'] }).at(-1)).toBe('--jobs=7,8');
  expect(sacctArguments({ names: ['hs.a.aaaaaaaaaa'], sinceHours: 2 }).slice(-2)).toEqual([
    '--name=hs.a.aaaaaaaaaa',
    '--starttime=now-2hours',
  ]);
});

it('asks for restarts only where accounting keeps them', () => {
  const format = (release: Release): string | undefined =>
    sacctArguments({ jobs: ['1'] }, versionOf(release)).find((argument) => argument.startsWith('--format='));
  expect(format('22.05.8')).not.toContain('Restarts');
  expect(format('24.11.5')).toContain('Restarts');
});

describe.each(releases)('sacct %s', (release) => {
  const rows = rowsOf(release);
  const find = (name: string): AccountingRow => {
    const row = rows.find((candidate) => candidate.name === name);
    if (row === undefined) throw new Error(`no job ${name}`);
    return row;
  };

  it('tells how jobs ended', () => {
    expect(find('ok1')).toMatchObject({ state: 'COMPLETED', exit: { code: 0, signal: 0 } });
    expect(find('fail3')).toMatchObject({ state: 'FAILED', exit: { code: 3, signal: 0 } });
    expect(find('killed')).toMatchObject({ state: 'FAILED', exit: { code: 0, signal: 9 } });
    expect(find('badout')).toMatchObject({ state: 'FAILED', exit: { code: 0, signal: 53 } });
    expect(find('cancelme')).toMatchObject({ state: 'CANCELLED by 2001' });
    expect(interpretState(find('cancelme').state)).toEqual({
      kind: 'ended',
      cause: 'cancelled',
      byUser: '2001',
    });
  });

  it('gives a waiting job no node and no start', () => {
    const held = rows.find((row) => row.state === 'PENDING');
    expect(held).toMatchObject({ nodes: '', startTime: null, endTime: null, timeLimitMinutes: 5 });
  });

  it("keeps hostile names in their rows, another user's included", () => {
    const names = rows.map((row) => row.name);
    expect(names).toContain('nl\nnewline 99 \t tab');
    expect(names).toContain('us\x1frs\x1ex');
    expect(names).toContain('bob\nRUNNING\x1fx');
  });

  it('keeps a record of a submission that was refused, without a node', () => {
    expect(rowsOf(release, 'sacct-name.txt')[0]).toMatchObject({
      name: 'hs.demo.abcdefghij',
      state: 'FAILED',
      nodes: '',
      exit: { code: 1, signal: 0 },
    });
  });

  it('notices a cut', () => {
    const text = captured(release, 'sacct.txt');
    expect(parseSacct(text.slice(0, -1), versionOf(release)).ok).toBe(false);
    expect(parseSacct(text.slice(0, -30), versionOf(release)).ok).toBe(false);
  });
});

it('gives restarts from 24.11 on', () => {
  expect(rowsOf('26.05.5').find((row) => row.name === 'hs.run.abcdefghij')?.restarts).toBe(1);
  expect(rowsOf('22.05.8').every((row) => row.restarts === null)).toBe(true);
});

it.each([
  'sacct: error: Invalid field requested: "Restarts"\n',
  'Slurm accounting storage is disabled\n',
  'x\x1f\n',
])('refuses %j', (text) => {
  expect(parseSacct(text).ok).toBe(false);
});
