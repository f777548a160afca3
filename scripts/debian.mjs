import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { root } from './files.mjs';
import { runQuietly } from './run-quietly.mjs';

/** While this file exists and exits with 101, Debian's packages start no daemon. */
const policy = '/usr/sbin/policy-rc.d';

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isThere(program) {
  if (isAbsolute(program)) return isExecutable(program);
  return (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, program)));
}

/** The packages of debian-packages.txt, or those of `only`, whose program this machine lacks. */
function missingPackages(only) {
  return readFileSync(join(root, 'scripts/debian-packages.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(/\s+/))
    .filter(([name, program]) => (only === undefined || only.includes(name)) && !isThere(program))
    .map(([name]) => name);
}

/** Installs what is missing where this user may, and gives what is missing still. No daemon is started. */
export async function installPackages(only) {
  const missing = missingPackages(only);
  if (missing.length === 0 || process.getuid?.() !== 0 || !isThere('apt-get')) return missing;
  const aptGet = (what, ...args) =>
    runQuietly(what, ['apt-get', '-q', '-o', 'DPkg::Lock::Timeout=300', ...args], {
      DEBIAN_FRONTEND: 'noninteractive',
    });
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await aptGet('Reading the package lists (apt-get update)', 'update');
    await aptGet(
      `Installing ${missing.join(', ')} (apt-get install)`,
      ...['install', '-y', '--no-install-recommends', ...missing],
    );
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
  return missingPackages(only);
}

if (process.argv[1] === import.meta.filename) {
  const missing = await installPackages(process.argv.slice(2));
  if (missing.length > 0) {
    process.stderr.write(`Install ${missing.join(', ')} first; this needs root on Debian or Ubuntu.\n`);
    process.exit(2);
  }
}
