import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compressNodeList, expandNodeList } from '../../../src/core/slurm/nodelist.ts';
import { captured, releases } from './captured.ts';

describe('expandNodeList', () => {
  it.each(releases)('agrees with `scontrol show hostnames` of %s', (release) => {
    const names = captured(release, 'hostnames.txt').trimEnd().split('\n');
    expect(expandNodeList('gpu[01-04,7],login1,rack[1-2]n[1-3],x[9-11],y[008-010,3]')).toEqual({
      ok: true,
      value: names,
    });
  });

  it.each(['', '(null)', 'None assigned', 'N/A'])('reads "%s" as no nodes', (text) => {
    expect(expandNodeList(text)).toEqual({ ok: true, value: [] });
  });

  it.each([
    'n[1-',
    'n]1[',
    'n[[1]]',
    'n[]',
    'n[a-b]',
    'n[3-1]',
    'n[1-99999999]',
    'n[1-9999][1-9999]',
    'n[1-60000],m[1-60000]',
    'a,,b',
    'node 1',
    'node1;reboot',
    '$(id)',
    '-o',
    '../x',
    `n[${'1,'.repeat(70_000)}1]`,
  ])('refuses %.40s', (text) => {
    expect(expandNodeList(text).ok).toBe(false);
  });
});

describe('compressNodeList', () => {
  it.each([
    [['node1', 'node2', 'node3'], 'node[1-3]'],
    [['gpu01', 'gpu02', 'gpu07', 'login'], 'gpu[01-02,07],login'],
    [['n9', 'n10', 'n11'], 'n[9-11]'],
    [['n09', 'n10'], 'n[09-10]'],
    [['n9', 'n010'], 'n[9,010]'],
    [['solo'], 'solo'],
    [[], ''],
  ])('%j', (names, text) => {
    expect(compressNodeList(names)).toBe(text);
  });

  it('loses nothing: expanding gives the same names in the same order', () => {
    const name = fc
      .tuple(fc.constantFrom('n', 'gpu', 'rack1-n', 'a.b', 'x9y'), fc.stringMatching(/^\d{0,18}$/))
      .map(([prefix, digits]) => prefix + digits);
    const near = fc
      .tuple(fc.constantFrom('n', 'gpu0', 'r1n'), fc.integer({ min: 0, max: 120 }))
      .map(([prefix, n]) => `${prefix}${String(n)}`);
    fc.assert(
      fc.property(fc.array(fc.oneof(name, near), { maxLength: 60 }), (names) => {
        expect(expandNodeList(compressNodeList(names))).toEqual({ ok: true, value: names });
      }),
      { numRuns: 500 },
    );
  });
});
