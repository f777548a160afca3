import { Option, type Command } from 'commander';
import { weightPrecisions } from '../core/model-config/precision.ts';
import { objectives } from '../core/plan/traffic.ts';
import { type Action, clusterOption, integer, jsonOption, number, type Options } from './define.ts';

/** plan: what would be. */
export function addPlanning(program: Command, action: Action): void {
  const plan = program
    .command('plan')
    .summary('what fits, how fast it is, where it can run and what it costs')
    .description(
      'Plans a deployment and touches nothing: the layout with its reasons, memory, capacity, speed and cost. With ' +
        '--gpu it plans for hardware alone, without a cluster.',
    )
    .argument('<model>', 'name of the catalog or Hugging Face id; any name with --model-config')
    .option('-g, --gpus <n>', 'GPUs of the job; default: as few as will do', integer(1, 65_536))
    .addOption(clusterOption())
    .option('--gpu <gpu>', 'plan for this GPU of the catalog, without a cluster; see `hpc-serve gpus`')
    .option('--gpus-per-node <n>', 'GPUs of one node, with --gpu; default: 8', integer(1, 1024))
    .option('--model-config <file>', "a model's config.json, in place of the catalog's entry")
    .option('--save <file>', 'write the plan to a file, for `submit --plan`')
    .option('--compare', 'ask Slurm when the best places could start');
  addJobOptions(addTuningOptions(plan))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ hpc-serve plan llama3.1-70b --gpus 8
  $ hpc-serve plan llama3.1-70b --concurrency 64 --max-latency 30 --optimize cost
  $ hpc-serve plan qwen3-32b --gpu h100-80 --gpus 4 --weights fp8`,
    )
    .action(
      action(async (context, model: string, options: Options) =>
        (await import('./commands/plan.ts')).planCommand(context, model, options),
      ),
    );
}

/** Where and as whom a job runs, and from which files. */
export function addJobOptions(command: Command): Command {
  return command
    .option('-n, --name <deployment>', 'name of the deployment; default: the name of the model')
    .option('-e, --engine <engine>', 'server program, such as vllm or vllm@0.19.0; default: by the weights')
    .option('-t, --time <time>', 'time limit, such as 8h, 90m or 1-12:00:00')
    .option('-p, --partition <partition>', "Slurm's partition; default: the best that fits")
    .option('-A, --account <account>', "Slurm's account")
    .option('-q, --qos <qos>', "Slurm's QOS")
    .option('--reservation <reservation>', "Slurm's reservation")
    .option('--image <path>', 'container image on the cluster')
    .option('--weights <path|precision>', 'weights on the cluster, or their precision, such as fp8');
}

/** How the model is cut and loaded, and what for. */
export function addTuningOptions(command: Command): Command {
  return command
    .option('--max-model-len <tokens>', 'tokens of context per request', integer(1, 100_000_000))
    .addOption(
      new Option('--precision <precision>', 'precision of the weights, beside a path').choices(
        weightPrecisions,
      ),
    )
    .addOption(new Option('--kv-cache <precision>', 'precision of the KV cache').choices(['auto', 'fp8']))
    .option('--tensor <n>', 'GPUs that every layer is cut over', integer(1, 1024))
    .option('--pipeline <n>', 'stages of whole layers', integer(1, 1024))
    .option('--expert <n>', 'ranks that experts are handed out to', integer(1, 1024))
    .option('--gpu-memory-utilization <part>', "part of a GPU's memory to use, 0 to 1", number(0.01, 1))
    .option('--max-num-seqs <n>', 'sequences per replica at once', integer(1, 1_000_000))
    .option('--max-num-batched-tokens <n>', 'tokens per forward pass', integer(1, 100_000_000))
    .addOption(new Option('--optimize <objective>', 'what to make the most of').choices(objectives))
    .option('--concurrency <n>', 'requests at once that it is for', integer(1, 10_000_000))
    .option('--input-tokens <n>', 'tokens of a prompt', integer(1, 100_000_000))
    .option('--output-tokens <n>', 'tokens of an answer', integer(1, 100_000_000))
    .option('--max-latency <ms>', 'milliseconds per output token, at most', number(0.01, 1_000_000));
}
