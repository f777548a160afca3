import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearest, suggestions } from '../../src/core/nearest.ts';

describe('nearest', () => {
  it.each([
    ['partitons', ['partitions', 'accounts'], 'partitions'],
    ['maxTiem', ['maxTime', 'maxNodes'], 'maxTime'],
    ['max_time', ['maxTime', 'max-time'], 'max-time'],
    ['llama3', ['llama3-8b', 'qwen3-8b'], 'llama3-8b'],
    ['H100-80', ['h100-80', 'a100-80'], 'h100-80'],
    ['banana', ['apple', 'cherry'], undefined],
    ['', ['a'], undefined],
  ])('%s', (word, candidates, expected) => {
    expect(nearest(word, candidates)).toBe(expected);
  });

  it('gives the nearest first, and no more than asked for', () => {
    expect(suggestions('abcd', ['abxx', 'abcx', 'abcde', 'zzzz'], 2)).toEqual(['abcde', 'abcx']);
  });

  it('finds every name that has one slip in it', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z]{4,20}$/),
        fc.nat(),
        fc.stringMatching(/^[a-z]$/),
        (name, at, letter) => {
          const place = at % name.length;
          const slips = [
            name.slice(0, place) + letter + name.slice(place),
            name.slice(0, place) + name.slice(place + 1),
            name.slice(0, place) + letter + name.slice(place + 1),
          ];
          for (const slip of slips) expect(nearest(slip, [name])).toBe(name);
        },
      ),
    );
  });
});
