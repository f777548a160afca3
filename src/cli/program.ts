import { Command, CommanderError, Option } from 'commander';
import { addCatalogs, addInit, addReaching } from './clusters.ts';
import type { Context } from './context.ts';
import type { Action } from './define.ts';
import { addPlanning } from './planning.ts';
import { addSandbox } from './sandbox.ts';
import { addServing } from './serving.ts';

/** The commands, their options and their help. Every action loads its own module, so that `--help` loads none. */
export interface Program {
  readonly command: Command;
  /** Runs the command line and gives the exit code. */
  run(argv: readonly string[]): Promise<number>;
}

/** Makes the context once it is known which command runs. `ask`: whether a person may be asked for something. */
export type ContextOf = (options: { readonly debug: boolean; readonly ask: boolean }) => Promise<Context>;

const firstSteps = `
Start with a cluster of your own:
  $ hpc-serve init me@login.cluster
  $ hpc-serve submit llama3-8b --gpus 8
or with a real Slurm cluster on this machine:
  $ hpc-serve sandbox up`;

export function createProgram(version: string, contextOf: ContextOf): Program {
  let exitCode = 0;
  const program = new Command('hpc-serve');
  const action: Action =
    (run) =>
    async (...values) => {
      const debug = program.opts<{ debug?: boolean }>().debug === true;
      // Commander adds the command itself as the last argument.
      exitCode = await run(await contextOf({ debug, ask: true }), ...(values.slice(0, -1) as never[]));
    };
  program
    .description('Serve large language models on Slurm clusters.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'explain a command')
    .addOption(new Option('--debug', 'write a log for people who debug hpc-serve').env('HPC_SERVE_DEBUG'))
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText('after', firstSteps);
  for (const add of [addInit, addPlanning, addServing, addReaching, addCatalogs, addSandbox]) {
    add(program, action);
  }
  addHiddenCompletion(program, async (words) => {
    const { completeCommand } = await import('./commands/completion.ts');
    // Nobody can be asked for a passphrase in the middle of a completion.
    exitCode = await completeCommand(await contextOf({ debug: false, ask: false }), program, words);
  });
  return {
    command: program,
    async run(argv) {
      try {
        await program.parseAsync(argv, { from: 'user' });
        return exitCode;
      } catch (error) {
        // Commander has printed help or the usage error already.
        if (!(error instanceof CommanderError)) throw error;
        if (error.exitCode === 0) return 0;
        if (argv.includes('--json')) {
          const { reportFailure } = await import('./report/report.ts');
          const message = error.message.replace(/^error: /, '');
          reportFailure(await contextOf({ debug: false, ask: false }), { kind: 'usage', message }, true);
        }
        return 2;
      }
    },
  };
}

/** What the scripts of `completion` call. */
function addHiddenCompletion(program: Command, run: (words: readonly string[]) => Promise<void>): void {
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action((words: readonly string[]) => run(words));
}
