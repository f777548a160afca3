import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { root } from './files.mjs';

const program = join(root, 'clusters/sandbox/sandbox');
const nameOfTest = /^test-(\d+)/;

/** Why the sandbox cluster can't run on this machine; undefined where it can. */
export function whyNoSandbox() {
  if (!existsSync(program)) return 'clusters/sandbox/sandbox is missing';
  if (process.getuid?.() !== 0) return 'the sandbox cluster needs root';
  return undefined;
}

/** Every sandbox has a folder of its name here; see clusters/sandbox/lib/settings.sh. */
function sandboxNames() {
  const states = process.env.XDG_STATE_HOME || join(homedir(), '.local/state');
  const folder = join(states, 'hpc-serve/sandbox');
  return existsSync(folder) ? readdirSync(folder) : [];
}

function isAlive(pid) {
  return existsSync(`/proc/${pid}`);
}

function remove(name) {
  process.stdout.write(`Removing the sandbox ${name} …\n`);
  spawnSync(program, ['down', '--name', name], { stdio: ['ignore', 'inherit', 'inherit'] });
}

/** Removes the sandboxes that a test run with this process id started. */
export function removeSandboxesOf(pid) {
  for (const name of sandboxNames()) if (Number(nameOfTest.exec(name)?.[1]) === pid) remove(name);
}

/** Removes the sandboxes of test runs that were killed before they could clean up. */
export function removeDeadSandboxes() {
  for (const name of sandboxNames()) {
    const owner = nameOfTest.exec(name)?.[1];
    if (owner !== undefined && !isAlive(owner)) remove(name);
  }
}
