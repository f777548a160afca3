import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sh } from '../../../src/core/render/quote.ts';

/** What a shell makes of a line of words: each argument, ended by NUL. */
function argumentsIn(shell: string, words: readonly string[]): readonly string[] {
  const input = `printf '%s\\0' ${words.join(' ')}\n`;
  const { stdout, stderr } = spawnSync(shell, ['-s'], { input, maxBuffer: 2 ** 28 });
  expect(stderr.toString()).toBe('');
  return stdout.toString('utf8').split('\0').slice(0, -1);
}

const hostile = [
  ...[
    '',
    ' ',
    '-rf',
    '--',
    '~',
    '~root',
    '$HOME',
    '$(id)',
    '`id`',
    '${x:-y}',
    '$((1+1))',
    '!!',
    '#',
    '=ls',
    '*',
    '?',
    '[a]',
  ],
  ...[
    "'",
    "''",
    "'\\''",
    '"',
    '\\',
    '\\\\',
    "\\'",
    "a'b",
    '\n',
    '\r',
    '\r\n',
    '\t',
    'a\nb',
    '\n#SBATCH --account=x',
  ],
  ...[
    ';id',
    '|id',
    '&',
    '&&id',
    '>x',
    '<x',
    '{a,b}',
    '()',
    '%s',
    '%n',
    '\u2028',
    '\u00a0',
    'ü',
    '😀',
    '\u0001',
    '\u007f',
    '\u009b31m',
  ],
];

const shells = ['bash', 'dash'];

describe('sh', () => {
  it.each(shells)('hands hostile words to %s unchanged', (shell) => {
    expect(argumentsIn(shell, hostile.map(sh))).toEqual(hostile);
  });

  it.each(shells)('hands ten thousand generated words to %s unchanged', (shell) => {
    const character = fc.oneof(
      fc.constantFrom(...Array.from('\'"\\$`!#~*?[]{}()<>|&;%= \t\n\r-')),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    );
    const word = fc
      .array(character, { maxLength: 12 })
      .map((characters) => characters.join('').replaceAll('\0', ''));
    // NUL, which no argument can carry, is tested below.
    const words = fc.sample(word, 10_000);
    expect(argumentsIn(shell, words.map(sh))).toEqual(words);
  });

  it('writes numbers and truth values, and leaves plain words readable', () => {
    expect([sh(8), sh(-1.5), sh(true), sh('/opt/a-b_c.d'), sh('llama3-8b')]).toEqual([
      ...['8', '-1.5', 'true', '/opt/a-b_c.d', 'llama3-8b'],
    ]);
  });

  it.each([
    [undefined],
    [null],
    [{}],
    [[]],
    [() => 1],
    [Symbol('x')],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    ['a\0b'],
  ])('refuses %s', (value) => expect(() => sh(value)).toThrow(TypeError));
});
