import { describe, expect, it } from 'vitest';
import { parseSqueue, type QueueRow, squeueArguments } from '../../../src/core/slurm/squeue.ts';
import { captured, type Release, releases } from './captured.ts';

function rowsOf(release: Release, file = 'squeue.txt'): readonly QueueRow[] {
  const parsed = parseSqueue(captured(release, file));
  if (!parsed.ok) throw new Error(parsed.failure);
  return parsed.value;
}

it('asks once for all jobs of the user', () => {
  expect(squeueArguments().slice(0, 4)).toEqual(['--me', '--local', '--noheader', '--states=all']);
});

describe.each(releases)('squeue %s', (release) => {
  const rows = rowsOf(release);
  const find = (name: string): QueueRow => {
    const row = rows.find((candidate) => candidate.name === name && candidate.state !== 'CANCELLED');
    if (row === undefined) throw new Error(`no job ${name}`);
    return row;
  };

  it('gives jobs that wait, run and have ended', () => {
    const states = new Set(rows.map((row) => row.state));
    expect([...states].sort()).toEqual(['CANCELLED', 'COMPLETED', 'FAILED', 'PENDING', 'RUNNING']);
  });

  it('gives a requeued job its restart count and its next start', () => {
    const { id, state, reason, restarts, submitTime, startTime, timeLimitMinutes, nodes } =
      find('hs.run.abcdefghij');
    expect({ state, reason, restarts, timeLimitMinutes, nodes }).toEqual({
      state: 'PENDING',
      reason: 'BeginTime',
      restarts: 1,
      timeLimitMinutes: 30,
      nodes: '',
    });
    expect(id).toMatch(/^\d+$/);
    expect(Number(startTime) - Number(submitTime)).toBe(121);
  });

  it('gives a running job its node', () => {
    const row = rows.find((candidate) => candidate.state === 'RUNNING');
    expect(row).toMatchObject({ name: 'arr', partition: 'debug', nodeCount: 1, restarts: 0, account: 'ml' });
    expect(row?.nodes).toMatch(/^node\d$/);
  });

  it('keeps reasons with tails', () => {
    expect(find('drained').reason).toMatch(/^ReqNodeNotAvail, (UnavailableNodes:node2|May be reserved)/);
    expect(find('limited').reason).toBe('QOSGrpGRES');
  });

  it.each([
    'name with | and ; and ünïcode 模型',
    'nl\nnewline 99 \t tab',
    'us\x1frs\x1ex',
    'JobState=COMPLETED Reason=None',
  ])('keeps the name %j in its row', (name) => {
    expect(find(name)).toMatchObject({ state: 'PENDING', reason: 'JobHeldUser' });
  });

  it('shows nothing of other users', () => {
    expect(rows.filter((row) => row.name.startsWith('bob'))).toEqual([]);
  });

  it('reads an unlimited job as one without a limit', () => {
    expect(find('unlimited').timeLimitMinutes).toBeNull();
  });

  it('notices that the end is missing, wherever it was cut', () => {
    const text = captured(release, 'squeue.txt');
    for (let length = text.length - 1; length > text.length - 200; length -= 1) {
      const parsed = parseSqueue(text.slice(0, length));
      if (text.slice(0, length).endsWith('\x1e\n')) continue;
      expect(parsed.ok).toBe(false);
    }
  });
});

it('reads a dependency, and the parts of a heterogeneous job under ids of their own', () => {
  const rows = rowsOf('24.11.5', 'squeue-het.txt');
  expect(rows.find((row) => row.name === 'depnever')).toMatchObject({
    reason: 'DependencyNeverSatisfied',
    dependency: 'afternotok:1(failed)',
  });
  expect(rows.filter((row) => row.name === 'het').map((row) => [row.id, row.nodes])).toEqual([
    ['18', 'node2'],
    ['19', 'node3'],
  ]);
});

it('reads no jobs', () => {
  expect(parseSqueue('')).toEqual({ ok: true, value: [] });
});

it('keeps a state that nobody knows yet', () => {
  const row = [
    '1',
    'TELEPORTING',
    'p',
    'a',
    'q',
    '',
    '1',
    'N/A',
    'N/A',
    'N/A',
    '1:00',
    '0',
    '(null)',
    'None',
    'x',
  ];
  expect(parseSqueue(`${row.join('\x1f')}\x1e\n`)).toMatchObject({
    ok: true,
    value: [{ state: 'TELEPORTING' }],
  });
});

it.each([
  ['a banner', 'Welcome to the cluster!\n'],
  ['an error', 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n'],
  ['too few fields', '1\x1fRUNNING\x1e\n'],
  ['a banner before a row', `Welcome!\n${captured('24.11.5', 'squeue.txt')}`],
])('refuses %s', (_what, text) => {
  expect(parseSqueue(text).ok).toBe(false);
});
