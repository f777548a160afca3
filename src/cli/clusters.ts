import { Argument, type Command, Option } from 'commander';
import { type Action, clusterOption, integer, jsonOption, type Options } from './define.ts';

/** tunnel: what reaches. */
export function addReaching(program: Command, action: Action): void {
  program
    .command('tunnel')
    .summary('reach a deployment from this machine')
    .description(
      'Listens on this machine only and forwards to the replicas of a deployment. It heals by itself: after the ' +
        'connection dropped, after sleep, after the job was moved. The local port never changes.',
    )
    .argument('[name]', 'deployment')
    .addOption(clusterOption())
    .option('-p, --port <port>', 'local port; default: one derived from the name', integer(1, 65_535))
    .option('--all', 'every deployment, over one connection')
    .addOption(jsonOption())
    .addHelpText('after', '\nExamples:\n  $ hpc-serve tunnel llama3-8b\n  $ hpc-serve tunnel --all')
    .action(
      action(async (context, name: string | undefined, options: Options) =>
        (await import('./commands/tunnel.ts')).tunnelCommand(context, name, options),
      ),
    );
}

/** clusters, models, gpus, completion: what there is. */
export function addCatalogs(program: Command, action: Action): void {
  program
    .command('clusters')
    .summary('the clusters that are known')
    .addOption(jsonOption())
    .action(
      action(async (context, options: Options) =>
        (await import('./commands/clusters.ts')).clustersCommand(context, options),
      ),
    );
  program
    .command('models')
    .summary('the models of the catalog')
    .addOption(jsonOption())
    .action(
      action(async (context, options: Options) =>
        (await import('./commands/models.ts')).modelsCommand(context, options),
      ),
    );
  program
    .command('gpus')
    .summary('the GPUs of the catalog')
    .addOption(jsonOption())
    .action(
      action(async (context, options: Options) =>
        (await import('./commands/gpus.ts')).gpusCommand(context, options),
      ),
    );
  program
    .command('completion')
    .summary('completion for a shell')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(['bash', 'zsh', 'fish']))
    .action(
      action(async (context, shell: string) =>
        (await import('./commands/completion.ts')).completionCommand(context, shell),
      ),
    );
}

/** init: what there is to get to know. */
export function addInit(program: Command, action: Action): void {
  program
    .command('init')
    .summary('get to know a cluster and write its profile')
    .description(
      "Reads a cluster through its login host and writes a profile of it below the user's configuration directory.",
    )
    .argument('<host>', '[user@]host[:port] of the login host, or a Host of your ssh configuration')
    .option('-n, --name <name>', 'name of the profile; default: by the host')
    .addOption(new Option('--transport <transport>', 'how to reach it').choices(['ssh2', 'openssh', 'local']))
    .option('-i, --identity <file>', 'private key')
    .option('-F, --ssh-config <file>', 'ssh configuration to use instead of ~/.ssh/config')
    .option('--root <directory>', "directory on the cluster's shared file system for what hpc-serve keeps")
    .option('--images <directory...>', 'directories on the cluster with container images')
    .option('--models <directory...>', 'directories on the cluster with weights')
    .option(
      '--gpu <[type=]gpu...>',
      "GPUs of the catalog (see hpc-serve gpus) that Slurm's types stand for, where they leave it open",
    )
    .option('--no-node', "don't look at a compute node")
    .option('-y, --yes', 'ask nothing')
    .option('--force', 'replace a profile that is there')
    .option('--dry-run', 'print the profile and write nothing')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  $ hpc-serve init me@login.cluster\n  $ hpc-serve init login.cluster --name lab --models /data/models',
    )
    .action(
      action(async (context, host: string, options: Options) =>
        (await import('./commands/init.ts')).initCommand(context, host, options),
      ),
    );
}
