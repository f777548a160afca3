import { describe, expect, it } from 'vitest';
import { explainReason } from '../../../src/core/slurm/reasons.ts';
import { facts } from './captured.ts';

const all = facts('reasons.tsv');

it('knows all reasons of Slurm, and classes them as its source does', () => {
  expect(all).toHaveLength(217);
  const wrong = all.filter(([reason, kind]) => explainReason(reason).class !== kind);
  expect(wrong).toEqual([]);
});

it.each(all)('%s is a sentence and an advice', (reason) => {
  const { sentence, advice } = explainReason(reason);
  expect(sentence).toMatch(/^[A-Z].*\.$/);
  expect(advice).toMatch(/^[A-Z].*\.$/);
  expect(`${sentence}${advice}`).not.toMatch(/undefined| {2}/);
});

it('says when waiting is of no use', () => {
  const helps = (reason: string): boolean => explainReason(reason).waitingHelps;
  expect(['Priority', 'Resources', 'QOSGrpGRES', 'AssocGrpCPURunMinutesLimit'].map(helps)).toEqual(
    Array(4).fill(true),
  );
  expect(
    [
      'PartitionTimeLimit',
      'AssocGrpGRESMinutes',
      'QOSGrpWallLimit',
      'JobHeldUser',
      'TimeLimit',
      'QOSMinGRES',
    ].map(helps),
  ).toEqual(Array(6).fill(false));
});

describe('ReqNodeNotAvail', () => {
  it.each([
    ['ReqNodeNotAvail, UnavailableNodes:node[1-2],node4', /down or drained: node\[1-2\],node4\./],
    ['(ReqNodeNotAvail,_UnavailableNodes:node4)', /down or drained: node4\./],
    ['ReqNodeNotAvail, May be reserved for other job', /reserved for another job/],
    ['ReqNodeNotAvail, Reserved for maintenance', /maintenance/],
    ['ReqNodeNotAvail', /down, drained or reserved/],
    [
      'Nodes required for job are DOWN, DRAINED or reserved for jobs in higher priority partitions',
      /another job/,
    ],
  ])('%s', (raw, sentence) => {
    const explained = explainReason(raw);
    expect(explained.sentence).toMatch(sentence);
    expect(explained.class).toBe('blocked');
  });
});

it.each([
  ['(Resources)', 'transient'],
  ['RaisedSignal:9(Killed)', 'after-run'],
  ['QOSMaxGRESPerUser,', 'blocked'],
])('reads %s without its ornaments', (raw, kind) => {
  expect(explainReason(raw).class).toBe(kind);
});

it('tells a log file that could not be opened from other signals', () => {
  expect(explainReason('RaisedSignal:53(Real-time signal 19)').sentence).toContain('log file');
});

it.each(['SomethingNew', 'toString', 'constructor', '', '🦄', 'Maximum'])(
  'quotes "%s", which it does not know',
  (raw) => {
    expect(explainReason(raw)).toMatchObject({ class: 'unknown' });
    expect(explainReason(raw).sentence).toContain(raw === '' ? 'no reason' : raw);
  },
);
