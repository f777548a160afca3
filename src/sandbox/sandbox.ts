import { execa } from 'execa';
import { join } from 'node:path';
import { fail, ok, type Result } from '../core/result.ts';
import { parseProgress, type SandboxProgress } from './progress.ts';
import { parseStatus, type SandboxStatus } from './status.ts';

export type SandboxVerb = 'up' | 'down' | 'status';

/** What the sandbox's own program takes; a value that is left out is its default, or what the sandbox has already. */
export interface SandboxRequest {
  readonly name?: string | undefined;
  readonly suite?: string | undefined;
  readonly nodes?: number | undefined;
  readonly port?: number | undefined;
  readonly variant?: string | undefined;
  readonly purge?: boolean | undefined;
}

export interface SandboxWatcher {
  readonly onProgress?: (progress: SandboxProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Runs clusters/sandbox/sandbox of the installed package. Ending it in the middle is safe: the next `up` repairs what is
 * there or begins anew, and `down` removes it.
 */
export async function runSandbox(
  packageDirectory: string,
  verb: SandboxVerb,
  request: SandboxRequest = {},
  watcher: SandboxWatcher = {},
): Promise<Result<SandboxStatus>> {
  const program = join(packageDirectory, 'clusters/sandbox/sandbox');
  const running = execa('bash', [program, verb, ...argumentsOf(request), '--json'], {
    stdin: 'ignore',
    reject: false,
    ...(watcher.signal && { cancelSignal: watcher.signal }),
  });
  let step = `sandbox ${verb}`;
  let reason = '';
  const notes: string[] = [];
  for await (const line of running.iterable({ from: 'stderr' })) {
    const progress = parseProgress(line);
    if (progress.kind === 'step') step = progress.text;
    else if (progress.kind === 'end') reason = progress.text;
    else if (progress.kind === 'note') notes.push(progress.text);
    watcher.onProgress?.(progress);
  }
  const { exitCode, stdout, isCanceled } = await running;
  if (exitCode === 0) return ok(parseStatus(stdout));
  if (isCanceled)
    return fail({ kind: 'interrupted', still: 'What has started goes on; `sandbox up` again finishes it.' });
  if (exitCode === 2) return fail(refusal(reason));
  const evidence = [reason, ...notes.slice(-15)].filter((text) => text !== '').join('\n');
  return fail({ kind: 'sandbox-failed', step, evidence });
}

/** Exit code 2 is either this machine, which then names another way to go on, or the command line. */
function refusal(
  reason: string,
): { kind: 'sandbox-unsupported'; because: string } | { kind: 'usage'; message: string } {
  return reason.includes('any Slurm login host')
    ? { kind: 'sandbox-unsupported', because: reason }
    : { kind: 'usage', message: reason };
}

function argumentsOf(request: SandboxRequest): string[] {
  const { name, suite, nodes, port, variant, purge } = request;
  const values = Object.entries({ name, suite, nodes, port, variant });
  return [
    ...values.flatMap(([option, value]) => (value === undefined ? [] : [`--${option}`, String(value)])),
    ...(purge === true ? ['--purge'] : []),
  ];
}
