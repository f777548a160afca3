import { expect, it } from 'vitest';
import { interpretState, stateWords } from '../../../src/core/slurm/states.ts';

it('knows the 12 base states and the 17 flags', () => {
  expect(stateWords).toHaveLength(29);
  for (const word of stateWords.filter((candidate) => candidate !== 'UPDATE_DB')) {
    expect(interpretState(word).kind).not.toBe('unknown');
  }
});

it.each([
  ['PENDING', { kind: 'queued', again: false }],
  ['REQUEUED', { kind: 'queued', again: true }],
  ['REQUEUE_HOLD', { kind: 'held' }],
  ['CONFIGURING', { kind: 'starting' }],
  ['RUNNING', { kind: 'running' }],
  ['SIGNALING', { kind: 'running' }],
  ['STOPPED', { kind: 'paused' }],
  ['COMPLETING', { kind: 'completing' }],
  ['PREEMPTED', { kind: 'preempted' }],
  ['TIMEOUT', { kind: 'ended', cause: 'time-limit', byUser: null }],
  ['OUT_OF_MEMORY', { kind: 'ended', cause: 'host-memory', byUser: null }],
  ['NODE_FAIL', { kind: 'ended', cause: 'node', byUser: null }],
  ['CANCELLED by 1000', { kind: 'ended', cause: 'cancelled', byUser: '1000' }],
  ['CANCELLED+', { kind: 'ended', cause: 'cancelled', byUser: null }],
  ['OUT_OF_ME+', { kind: 'ended', cause: 'host-memory', byUser: null }],
  ['RUNNING+COMPLETING', { kind: 'completing' }],
  ['SUSPENDED,SIGNALING', { kind: 'paused' }],
  ['COMPLETED+UPDATE_DB', { kind: 'ended', cause: 'completed', byUser: null }],
])('%s', (raw, condition) => {
  expect(interpretState(raw)).toEqual(condition);
});

it.each([
  '',
  'TELEPORTING',
  'running',
  'R',
  'RE+',
  'COMPLETED later',
  'UPDATE_DB',
  'toString',
  '__proto__',
  'RUNNING+X',
])('does not guess what "%s" means', (raw) => {
  expect(interpretState(raw)).toEqual({ kind: 'unknown', raw });
});
