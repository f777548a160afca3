import { describe, expect, it } from 'vitest';
import { complete } from '../../src/cli/complete.ts';
import { createProgram } from '../../src/cli/program.ts';

const program = createProgram('0', () => {
  throw new Error('completion needs no context');
}).command;

const after = (line: string): ReturnType<typeof complete> => complete(program, line.split(' ').slice(1));

describe('complete', () => {
  it.each([
    ['hpc-serve ', ['submit', 'status', 'tunnel', 'init', 'sandbox']],
    ['hpc-serve sandbox ', ['up', 'down', 'status']],
    ['hpc-serve submit --', ['--gpus', '--dry-run', '--help']],
    ['hpc-serve completion ', ['bash', 'zsh', 'fish']],
    ['hpc-serve sandbox up --suite ', ['bookworm', 'trixie', 'sid']],
  ])('%s', (line, words) => {
    expect(after(line).words).toEqual(expect.arrayContaining(words));
  });

  it('offers neither hidden commands nor commands below an operand', () => {
    expect(after('hpc-serve ').words).not.toContain('__complete');
    expect(after('hpc-serve stop chat ')).toEqual({ words: [], kind: undefined });
  });

  it.each([
    ['hpc-serve stop ', 'deployment'],
    ['hpc-serve logs -f ', 'deployment'],
    ['hpc-serve tunnel --port 8000 ', 'deployment'],
    ['hpc-serve status --cluster ', 'cluster'],
    ['hpc-serve submit --cluster lab ', 'model'],
    ['hpc-serve submit --cluster=lab ', 'model'],
    ['hpc-serve submit llama3-8b --name ', undefined],
  ])('%s is the place of a %s', (line, kind) => {
    expect(after(line).kind).toBe(kind);
  });
});
