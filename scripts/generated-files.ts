import { createProgram } from '../src/cli/program.ts';
import { profileSchemaText } from '../src/core/cluster/schema-json.ts';
import { cliReference } from './cli-reference.ts';

/** The files of the repository that are written by a program: path → text. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const { command } = createProgram('', () => {
    throw new Error('no command runs here');
  });
  return new Map([
    ['clusters/schema.json', profileSchemaText()],
    ['docs/cli.md', cliReference(command)],
  ]);
}
