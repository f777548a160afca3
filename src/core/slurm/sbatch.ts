import { compressNodeList } from './nodelist.ts';
import { formatSlurmMinutes } from './duration.ts';
import { isAtLeast, type SlurmVersion } from './version.ts';

/** A batch job. Every value ends in Slurm's public data: none may be a secret or free text of a user. */
export interface SbatchOptions {
  /** Absolute path of the script. */
  readonly script: string;
  readonly jobName: string;
  /** Absolute path of the working directory. */
  readonly directory: string;
  /** Absolute path of the file for stdout and stderr; taken literally. */
  readonly output: string;
  /** Absolute path of a file for stderr alone. */
  readonly error?: string;
  readonly partition: string;
  readonly account: string | null;
  readonly qos: string | null;
  readonly reservation: string | null;
  readonly nodes: number;
  readonly gpusPerNode: number;
  /** The type in Slurm's gres; null where the cluster's gres has none. */
  readonly gres: string | null;
  readonly cpusPerTask: number;
  /** 0: all the memory of the node. */
  readonly memoryPerNodeMiB: number;
  /** 0: no limit. */
  readonly timeLimitMinutes: number;
  /** Whether Slurm may start the job again after a preemption or a lost node. */
  readonly requeue: boolean;
  /** Node names not to use. */
  readonly exclude: readonly string[];
  /** Sent to the batch shell alone; Slurm may send it up to a minute early. */
  readonly signal?: { readonly name: 'USR1' | 'USR2' | 'TERM'; readonly secondsBeforeEnd: number };
  readonly dependency?: 'singleton' | { readonly afterAny: string };
  readonly beginInSeconds?: number;
  /** Asks when the job would start, and submits nothing. */
  readonly testOnly?: boolean;
  readonly version?: SlurmVersion | undefined;
}

/** Characters that Slurm, every shell and sbatch's option parser take literally. */
const name = /^[A-Za-z0-9_][A-Za-z0-9._@+-]{0,127}$/;
/** A backslash switches off the replacement symbols of sbatch's file names; control characters break lines. */
const path = /^\/[^\\\p{Cc}]{0,4000}$/u;
const jobId = /^\d{1,10}$/;

/**
 * The arguments of sbatch, the script's path last. A value outside its allow-list is a bug of the caller, and thrown:
 * no option can be smuggled in.
 *
 * `--export=NIL` keeps the submitter's environment out of the job. Slurm has it since 23.02; before, NONE does the same
 * but starts a login shell for the environment.
 */
export function sbatchArguments(options: SbatchOptions): readonly string[] {
  return [
    '--parsable',
    `--job-name=${checked('job name', name, options.jobName)}`,
    `--chdir=${checked('directory', path, options.directory)}`,
    `--output=${literalFileName(options.output)}`,
    ...(options.error === undefined ? [] : [`--error=${literalFileName(options.error)}`]),
    '--open-mode=append',
    `--export=${isAtLeast(options.version, 23, 2) ? 'NIL' : 'NONE'}`,
    ...whereArguments(options),
    ...resourceArguments(options),
    ...whenArguments(options),
    ...(options.testOnly === true ? ['--test-only'] : []),
    checked('script', path, options.script),
  ];
}

function whereArguments(options: SbatchOptions): readonly string[] {
  const named = (option: string, value: string | null): readonly string[] =>
    value === null ? [] : [`--${option}=${checked(option, name, value)}`];
  for (const node of options.exclude) checked('node', name, node);
  return [
    ...named('partition', options.partition),
    ...named('account', options.account),
    ...named('qos', options.qos),
    ...named('reservation', options.reservation),
    ...(options.exclude.length === 0 ? [] : [`--exclude=${compressNodeList(options.exclude)}`]),
  ];
}

/** `--gres` rather than `--gpus-per-node`: every scheduler plugin of Slurm takes it. */
function resourceArguments(options: SbatchOptions): readonly string[] {
  const type = options.gres === null ? '' : `${checked('gres', name, options.gres)}:`;
  return [
    `--nodes=${count('nodes', options.nodes, 1)}`,
    '--ntasks-per-node=1',
    `--cpus-per-task=${count('cpusPerTask', options.cpusPerTask, 1)}`,
    `--mem=${count('memoryPerNodeMiB', options.memoryPerNodeMiB, 0)}M`,
    ...(options.gpusPerNode === 0
      ? []
      : [`--gres=gpu:${type}${count('gpusPerNode', options.gpusPerNode, 1)}`]),
  ];
}

function whenArguments(options: SbatchOptions): readonly string[] {
  const { signal, dependency, timeLimitMinutes, beginInSeconds } = options;
  const limit = count('timeLimitMinutes', timeLimitMinutes, 0);
  return [
    `--time=${limit === '0' ? '0' : formatSlurmMinutes(timeLimitMinutes)}`,
    options.requeue ? '--requeue' : '--no-requeue',
    ...(signal === undefined
      ? []
      : [`--signal=B:${signal.name}@${count('secondsBeforeEnd', signal.secondsBeforeEnd, 0)}`]),
    ...(dependency === undefined ? [] : [`--dependency=${dependencyText(dependency)}`]),
    ...(beginInSeconds === undefined ? [] : [`--begin=now+${count('beginInSeconds', beginInSeconds, 0)}`]),
  ];
}

function dependencyText(dependency: NonNullable<SbatchOptions['dependency']>): string {
  return dependency === 'singleton' ? 'singleton' : `afterany:${checked('job', jobId, dependency.afterAny)}`;
}

/** sbatch replaces %j, %u, %x … in file names; `%%` is a plain per cent sign. */
function literalFileName(file: string): string {
  return checked('file', path, file).replaceAll('%', '%%');
}

function checked(what: string, pattern: RegExp, value: string): string {
  if (!pattern.test(value)) throw new TypeError(`sbatch: ${what} ${JSON.stringify(value)} is not allowed`);
  return value;
}

function count(what: string, value: number, least: number): string {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new TypeError(`sbatch: ${what} ${String(value)} is not a whole number of at least ${least}`);
  }
  return String(value);
}
