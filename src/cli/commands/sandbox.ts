import { runSandbox, type SandboxRequest, type SandboxVerb } from '../../sandbox/sandbox.ts';
import type { SandboxProgress } from '../../sandbox/progress.ts';
import { isPresent, type SandboxStatus } from '../../sandbox/status.ts';
import { columns } from '../columns.ts';
import type { Context } from '../context.ts';
import type { Options } from '../define.ts';
import { type Progress, startProgress } from '../report/progress.ts';
import { reportFailure, writeJson } from '../report/report.ts';
import { styleOf } from '../style.ts';

/** `sandbox up|down|status`: the real Slurm cluster on this machine. */
export async function sandboxCommand(context: Context, verb: SandboxVerb, options: Options): Promise<number> {
  const json = options['json'] === true;
  const request: SandboxRequest = options;
  const { signal, packageDirectory } = context;
  const progress = json ? undefined : startProgress(context.stderr, context.clock);
  const onProgress = (step: SandboxProgress): void => {
    if (progress !== undefined) tell(progress, step);
  };
  const result = await runSandbox(packageDirectory, verb, request, { onProgress, signal });
  progress?.stop();
  if (!result.ok) return reportFailure(context, result.failure, json);
  if (json) writeJson(context, result.value);
  else context.stdout.write(sandboxText(context, verb, result.value));
  return 0;
}

function tell(progress: Progress, step: SandboxProgress): void {
  switch (step.kind) {
    case 'step':
      progress.line(`[${step.step}/${step.steps}] ${step.text}`);
      return progress.waitFor(step.text);
    case 'note':
      if (step.text !== '') progress.line(`  ${step.text}`);
      return;
    case 'still':
    case 'end':
  }
}

function sandboxText(context: Context, verb: SandboxVerb, status: SandboxStatus): string {
  if (!isPresent(status)) {
    return status.state === 'down'
      ? `The sandbox ${status.name} is ${verb === 'down' ? 'gone; nothing of it is left but the cache' : 'not running'} (${status.cacheDir}).\n`
      : `The sandbox ${status.name} is damaged: \`hpc-serve sandbox down --name ${status.name}\` removes it.\n`;
  }
  const { name, ssh, paths } = status;
  const style = styleOf(context.stdout);
  const facts = columns([
    ['Slurm', `${status.slurmVersion} (Debian ${status.suite}), ${status.nodes} compute nodes`],
    ['login host', `ssh -F ${ssh.configFile} ${ssh.alias}   (${ssh.user} at ${ssh.host}:${ssh.port})`],
    [
      'in it',
      `images ${paths.images}, models ${paths.models}, homes ${paths.home}, scratch ${paths.scratch}`,
    ],
  ]);
  const problems = [
    ...status.problems,
    ...status.hosts.flatMap((host) => host.problems.map((text) => `${host.name}: ${text}`)),
  ];
  return [
    `${style.bold(`The sandbox ${name} is ${status.state}.`)}\n`,
    facts,
    ...problems.map((text) => `${style.yellow('!')} ${text}\n`),
    'Its GPUs are stand-in device nodes and its weights are 10 MB stand-ins; the rest is real.\n',
    `→ next: hpc-serve init --ssh-config ${ssh.configFile} ${ssh.alias}\n`,
    `→ remove it: hpc-serve sandbox down --name ${name}\n`,
  ].join('');
}
