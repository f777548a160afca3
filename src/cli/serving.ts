import { type Command, Option } from 'commander';
import { type Action, clusterOption, integer, jsonOption, type Options } from './define.ts';
import { addJobOptions, addTuningOptions } from './planning.ts';

/** submit, status, logs, stop: what serves. */
export function addServing(program: Command, action: Action): void {
  for (const add of [addSubmit, addStatus, addLogs, addStop]) add(program, action);
}

function addSubmit(program: Command, action: Action): void {
  const submit = program
    .command('submit')
    .summary('serve a model: plan, upload, submit, watch until it is ready')
    .description(
      'Serves a model on a cluster and watches it until it is ready. Ctrl-C ends the watching, not the job.',
    )
    .argument('[model]', 'name of the catalog, such as llama3-8b; see `hpc-serve models`')
    .option(
      '-g, --gpus <n>',
      'GPUs of the job; a model that fits one is served once on each',
      integer(1, 65_536),
    )
    .addOption(clusterOption());
  addJobOptions(submit);
  addTuningOptions(submit)
    .option('--plan <file>', 'apply a plan that `plan --save` wrote, exactly as it was shown')
    .option('--dry-run', 'print every file and command, and touch nothing')
    .option('-d, --detach', 'return once Slurm has accepted the job')
    .addOption(new Option('--tunnel', 'open a tunnel when it is ready').conflicts('detach'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ hpc-serve submit llama3-8b --gpus 8
  $ hpc-serve submit llama3.1-70b --gpus 4 --time 8h --name chat --tunnel
  $ hpc-serve submit llama3-8b --gpus 8 --dry-run
  $ hpc-serve submit --plan plan.json`,
    )
    .action(
      action(async (context, model: string | undefined, options: Options) =>
        (await import('./commands/submit.ts')).submitCommand(context, model, options),
      ),
    );
}

function addStatus(program: Command, action: Action): void {
  program
    .command('status')
    .summary('what is deployed, and how it is doing')
    .description(
      'Shows all deployments, or one. The answer comes from the cluster alone, so every machine shows the same.',
    )
    .argument('[name]', 'deployment')
    .addOption(clusterOption())
    .option('-w, --watch', 'show it again whenever something changes, until Ctrl-C')
    .option('-a, --all', 'also those that ended more than a day ago')
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  $ hpc-serve status\n  $ hpc-serve status llama3-8b --watch')
    .action(
      action(async (context, name: string | undefined, options: Options) =>
        (await import('./commands/status.ts')).statusCommand(context, name, options),
      ),
    );
}

function addLogs(program: Command, action: Action): void {
  program
    .command('logs')
    .summary('logs of a deployment')
    .argument('<name>', 'deployment')
    .addOption(clusterOption())
    .option('-f, --follow', 'go on as lines are written, until Ctrl-C')
    .option('--replica <n>', 'only this replica', integer(0, 65_536))
    .option('--lines <n>', 'lines from the end of each file', integer(0, 1_000_000), 100)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  $ hpc-serve logs llama3-8b\n  $ hpc-serve logs llama3-8b -f --replica 0',
    )
    .action(
      action(async (context, name: string, options: Options) =>
        (await import('./commands/logs.ts')).logsCommand(context, name, options),
      ),
    );
}

function addStop(program: Command, action: Action): void {
  program
    .command('stop')
    .summary('end a deployment and free its GPUs')
    .description(
      'Ends a deployment and waits until Slurm no longer runs it. Stopping it again changes nothing.',
    )
    .argument('<name>', 'deployment')
    .addOption(clusterOption())
    .option('--dry-run', 'say what would be ended, and end nothing')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ hpc-serve stop llama3-8b')
    .action(
      action(async (context, name: string, options: Options) =>
        (await import('./commands/stop.ts')).stopCommand(context, name, options),
      ),
    );
}
