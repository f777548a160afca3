import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatSlurmMinutes,
  formatSlurmSeconds,
  parseSlurmDuration,
  parseTimeLimitMinutes,
  parseTimeOption,
} from '../../../src/core/slurm/duration.ts';

describe('parseSlurmDuration', () => {
  it.each([
    ['30', 1_800],
    ['30:00', 1_800],
    ['2:00:00', 7_200],
    ['00:00:19', 19],
    ['1-00', 86_400],
    ['1-12', 129_600],
    ['1-00:30', 88_200],
    ['2-00:00:00', 172_800],
    ['365-00:00:00', 31_536_000],
    ['00:01:02.123', 62],
    ['UNLIMITED', 'unlimited'],
    ['infinite', 'unlimited'],
    ['INVALID', null],
    ['NOT_SET', null],
    ['Partition_Limit', null],
    ['N/A', null],
    ['', null],
    ['1-', null],
    ['-5', null],
    ['1:2:3:4', null],
  ])('%s', (text, expected) => {
    expect(parseSlurmDuration(text)).toBe(expected);
  });

  it('reads back what is printed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), (seconds) => {
        expect(parseSlurmDuration(formatSlurmSeconds(seconds))).toBe(seconds);
      }),
    );
  });
});

it('rounds a time limit up to minutes', () => {
  expect(parseTimeLimitMinutes('1:30')).toBe(2);
  expect(parseTimeLimitMinutes('UNLIMITED')).toBeNull();
});

it('prints minutes in the form that nobody reads in two ways', () => {
  expect([5, 60, 1_440, 2_881].map(formatSlurmMinutes)).toEqual([
    '00:05:00',
    '01:00:00',
    '1-00:00:00',
    '2-00:01:00',
  ]);
});

describe('parseTimeOption', () => {
  it.each([
    ['90m', 90],
    ['2h', 120],
    ['1d12h', 2_160],
    ['1d2h3m', 1_563],
    ['02:00:00', 120],
    ['0:00:30', 1],
    ['1-00', 1_440],
    ['2-12:00:00', 3_600],
    [' 4H ', 240],
  ])('%s is %i minutes', (text, minutes) => {
    expect(parseTimeOption(text)).toEqual({ ok: true, value: minutes });
  });

  it('refuses what people and Slurm read differently, and says what to write', () => {
    expect(parseTimeOption('1:30')).toEqual({
      ok: false,
      failure:
        '"1:30" can be read in two ways: write 1h30m (or 1:30:00) for hours and minutes, 00:1:30 for minutes and seconds.',
    });
    expect(parseTimeOption('30')).toEqual({
      ok: false,
      failure: '"30" has no unit: write 30m for minutes or 30h for hours.',
    });
  });

  it.each(['', 'soon', '0m', '0h', '400d', 'UNLIMITED', '2h30', 'h', '1e3m', '-1h', '2h;id'])(
    'refuses "%s"',
    (text) => {
      expect(parseTimeOption(text).ok).toBe(false);
    },
  );
});
