import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readProfile } from '../../../src/core/cluster/read-profile.ts';
import { writeProfile } from '../../../src/core/cluster/write-profile.ts';
import type { Diagnostic } from '../../../src/core/failure.ts';
import { profileValue } from './profile-value.ts';

function problemsIn(text: string): readonly Diagnostic[] {
  const result = readProfile('clusters/tbx.yaml', 'tbx', text);
  if (result.ok) return [];
  if (result.failure.kind !== 'profile-invalid') throw new Error(result.failure.kind);
  return result.failure.problems;
}

const minimal = [
  'name: tbx',
  'connection: { host: login }',
  'root: /home/a/hpc-serve',
  'slurm: { version: "24.11", accounting: false }',
  'partitions:',
  '  - name: gpu',
  '',
].join('\n');

describe('readProfile', () => {
  it('fills in the defaults', () => {
    const result = readProfile('tbx.yaml', 'tbx', minimal);
    expect(result).toMatchObject({
      ok: true,
      value: {
        connection: { transport: 'ssh2' },
        timeZone: 'UTC',
        partitions: [{ name: 'gpu', up: true, nodes: [] }],
      },
    });
  });

  it('tells all problems at once, each at its line and column', () => {
    const text = [
      'name: tbx',
      'conection: { host: login }',
      'root: relative',
      'slurm: { version: "24.11", accounting: nope }',
      'partitions:',
      '  - name: gpu',
      '    maxTime: 1:00',
      '    nodes:',
      '      - { names: n1, cpus: 4, memoryMiB: 1, count: 0, memmoryMiB: 2 }',
      'interfaces: [{ name: ib0, kind: infinband }]',
      '',
    ].join('\n');
    const told = problemsIn(text).map(({ line, column, path, suggestion }) => [
      line,
      column,
      path,
      suggestion,
    ]);
    expect(told).toEqual([
      [1, 1, 'connection', undefined],
      [2, 1, 'conection', 'connection'],
      [3, 7, 'root', undefined],
      [4, 40, 'slurm.accounting', undefined],
      [7, 14, 'partitions[0].maxTime', undefined],
      [9, 52, 'partitions[0].nodes[0].count', undefined],
      [9, 55, 'partitions[0].nodes[0].memmoryMiB', 'memoryMiB'],
      [10, 33, 'interfaces[0].kind', 'infiniband'],
    ]);
  });

  it.each([
    ['a key twice', `${minimal}root: /b/c\n`, 'this key stands here twice'],
    ['a tab', minimal.replace('  - name', '\t- name'), 'is indented with a tab; YAML takes spaces only'],
    ['two documents', `${minimal}---\na: 1\n`, 'a second document begins here; a profile is one'],
    ['__proto__', `${minimal}__proto__: { polluted: true }\n`, 'this key is not allowed'],
    [
      'constructor, deep down',
      minimal.replace('host: login', 'host: login, constructor: 1'),
      'this key is not allowed',
    ],
    ['an unknown tag', minimal.replace('name: tbx', 'name: !!js/function tbx'), /tag/i],
    ['nothing', '# only a comment\n', 'is empty'],
    ['a list', '- a\n', 'must be a group of keys, not a list'],
    ['too much', '#'.repeat(2 ** 20 + 1), 'is longer than 1 MiB; a cluster profile is not'],
    [
      'another name',
      minimal.replace('name: tbx', 'name: other'),
      'is other, but the file is called tbx.yaml',
    ],
    ['a root that is everybody’s', minimal.replace('/home/a/hpc-serve', '/scratch'), /directory of its own/],
    ['a root that climbs', minimal.replace('/home/a/hpc-serve', '/home/a/../../etc'), 'must not contain ..'],
    [
      'an option as host',
      minimal.replace('host: login', 'host: -oProxyCommand=x'),
      'is not a host name or Host alias',
    ],
    ['a partition twice', `${minimal}  - name: gpu\n`, /described twice, first in partitions\[0\]/],
    [
      'two defaults',
      minimal.replace('- name: gpu', '- { name: gpu, default: true }\n  - { name: cpu, default: true }'),
      /Slurm has one/,
    ],
  ])('refuses %s', (_, text, message) => {
    const messages = problemsIn(text).map((problem) => problem.message);
    expect(messages).toEqual(
      expect.arrayContaining([typeof message === 'string' ? message : expect.stringMatching(message)]),
    );
    expect(Object.prototype).not.toHaveProperty('polluted');
  });

  it('names the nearest partition where a default does not exist', () => {
    const [problem] = problemsIn(`${minimal}defaults: { partition: gpus }\n`);
    expect(problem).toMatchObject({ path: 'defaults.partition', suggestion: 'gpu', line: 7, column: 24 });
  });

  it('names the nearest GPU where one is not in the catalog', () => {
    const nodes =
      '    nodes: [{ names: n1, count: 1, cpus: 1, memoryMiB: 1, gpus: [{ model: h100-8o, count: 8 }] }]\n';
    expect(problemsIn(minimal + nodes)).toMatchObject([
      { path: 'partitions[0].nodes[0].gpus[0].model', line: 7, suggestion: 'h100-80' },
    ]);
  });

  it('survives a billion laughs and a deep nest', () => {
    const laughs = Array.from({ length: 12 }, (_, level) =>
      level === 0
        ? 'a0: &a0 [x, x]'
        : `a${level}: &a${level} [${`*a${level - 1}, `.repeat(9)}*a${level - 1}]`,
    ).join('\n');
    expect(problemsIn(laughs)).toHaveLength(1);
    expect(problemsIn('['.repeat(100_000)).length).toBeLessThanOrEqual(100);
  });

  it('reads what writeProfile wrote, whatever the texts hold', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
    const path = fc.string({ maxLength: 30 }).map((rest) => `/${rest.replaceAll(/[\0\n\r]/g, '')}`);
    fc.assert(
      fc.property(text, text, path, fc.array(text, { maxLength: 4 }), (model, zone, image, features) => {
        const profile = profileValue({
          timeZone: zone,
          modules: features,
          images: [{ engine: model, path: image }],
          models: [{ model, path: image, format: 'gguf' }],
        });
        expect(readProfile('tbx.yaml', 'tbx', writeProfile(profile))).toEqual({ ok: true, value: profile });
      }),
    );
  });

  it('never throws on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        readProfile('tbx.yaml', 'tbx', text);
      }),
    );
  });
});
