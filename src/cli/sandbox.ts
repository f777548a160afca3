import { type Command, Option } from 'commander';
import { type Action, integer, jsonOption, type Options } from './define.ts';

/** sandbox up, down, status: a real Slurm cluster on this machine. */
export function addSandbox(program: Command, action: Action): void {
  const sandbox = program
    .command('sandbox')
    .summary('a real Slurm cluster on this machine, to try things on')
    .description(
      'Starts a real Slurm cluster in namespaces of this machine: its daemons, login host, accounts and containers ' +
        'are real, its GPUs are stand-ins. Needs root on Debian or Ubuntu.',
    );
  const nameOption = (): Option =>
    new Option('-n, --name <name>', 'several can run side by side').default('sandbox');
  sandbox
    .command('up')
    .summary('start it, or repair it')
    .addOption(nameOption())
    .addOption(
      new Option('--suite <suite>', "Debian suite; it sets Slurm's version").choices([
        'bookworm',
        'trixie',
        'sid',
      ]),
    )
    .option('--nodes <n>', 'compute nodes', integer(1, 16))
    .option('--port <port>', 'local port of its login host', integer(1, 65_535))
    .addOption(jsonOption())
    .action(
      action(async (context, options: Options) =>
        (await import('./commands/sandbox.ts')).sandboxCommand(context, 'up', options),
      ),
    );
  sandbox
    .command('down')
    .summary('remove it without a trace')
    .addOption(nameOption())
    .option('--purge', 'remove the cached packages and images as well')
    .addOption(jsonOption())
    .action(
      action(async (context, options: Options) =>
        (await import('./commands/sandbox.ts')).sandboxCommand(context, 'down', options),
      ),
    );
  sandbox
    .command('status')
    .summary('what runs, and how to reach it')
    .addOption(nameOption())
    .addOption(jsonOption())
    .action(
      action(async (context, options: Options) =>
        (await import('./commands/sandbox.ts')).sandboxCommand(context, 'status', options),
      ),
    );
}
