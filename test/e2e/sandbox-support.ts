import { execa, type Options } from 'execa';
import { join } from 'node:path';
import { runSandbox, type SandboxRequest } from '../../src/sandbox/sandbox.ts';
import { isPresent, type PresentSandbox } from '../../src/sandbox/status.ts';

export const root = join(import.meta.dirname, '../..');

/** A name of this test run; scripts/test.mjs removes what a run leaves under its process id. */
export function testName(suffix: string): string {
  return `test-${process.env['HPC_SERVE_TEST_RUN'] ?? process.pid}-${suffix}`;
}

/** Why no sandbox can run here; undefined where one can. */
export const whyNot = process.getuid?.() === 0 ? undefined : 'the sandbox cluster needs root';

export async function up(request: SandboxRequest): Promise<PresentSandbox> {
  const result = await runSandbox(root, 'up', request);
  if (!result.ok) throw new Error(JSON.stringify(result.failure, undefined, 2));
  if (!isPresent(result.value)) throw new Error(`it is ${result.value.state}`);
  return result.value;
}

export async function down(name: string): Promise<void> {
  const result = await runSandbox(root, 'down', { name });
  if (!result.ok) throw new Error(JSON.stringify(result.failure, undefined, 2));
}

/** Runs a bash script on the cluster, by the system's ssh and the sandbox's own configuration. */
export async function on(sandbox: PresentSandbox, script: string, host = sandbox.name): Promise<string> {
  const options = { input: script, timeout: 60_000 } satisfies Options;
  const { stdout } = await execa('ssh', ['-F', sandbox.ssh.configFile, host, 'bash', '-s'], options);
  return stdout;
}
