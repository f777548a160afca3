import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { root } from './files.mjs';

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
export function missingPackages(only) {
  return readFileSync(join(root, 'scripts/debian-packages.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(/\s+/))
    .filter(([name, program]) => (only === undefined || only.includes(name)) && !isThere(program))
    .map(([name]) => name);
}

function aptGet(...args) {
  const { status } = spawnSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=300', ...args], {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status === 0;
}

/** Installs what is missing where this user may, and gives what is missing still. No daemon is started. */
export function installPackages(only) {
  const missing = missingPackages(only);
  if (missing.length === 0 || process.getuid?.() !== 0 || !isThere('apt-get')) return missing;
  process.stderr.write(`Installing from Debian: ${missing.join(' ')} …\n`);
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const install = () => aptGet('install', '-y', '--no-install-recommends', ...missing);
    // A stale or empty package list is the usual reason for a first failure.
    if (!install()) aptGet('update') && install();
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
  return missingPackages(only);
}
