#!/usr/bin/env node
/**
 * Runs shellcheck on every shell script that ships, and on those that the golden tests rendered. What flows send to the
 * cluster is checked as it is sent in test/tooling/rendered-scripts.test.ts.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, root } from './files.mjs';

const folders = ['.ci', 'scripts', 'clusters', 'templates', 'test/golden', 'test/e2e', 'test/support'];

function firstLine(file) {
  return readFileSync(join(root, file), 'utf8').split('\n', 1)[0];
}

/** By its name, or by its first line: `#!` with sh, bash or dash. Templates are checked as rendered. */
function isShell(file) {
  return !file.endsWith('.hbs') && (file.endsWith('.sh') || /^#!.*\b(?:ba|da)?sh\b/.test(firstLine(file)));
}

/** What is sent to the login host after assignments, and therefore reads variables that it does not set. */
function isFragment(file) {
  return file.startsWith('templates/');
}

function isClean(options, files) {
  if (files.length === 0) return true;
  const { status, error } = spawnSync('shellcheck', [...options, ...files], { cwd: root, stdio: 'inherit' });
  if (error) process.stderr.write('shellcheck is not installed: apt-get install shellcheck.\n');
  return status === 0;
}

const scripts = folders
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap(filesBelow)
  .filter(isShell);
const whole = scripts.filter((file) => !isFragment(file));
const results = [
  isClean(['--external-sources', '--source-path=SCRIPTDIR'], whole),
  isClean(['--shell=sh', '--exclude=SC2154'], scripts.filter(isFragment)),
];
process.stdout.write(`${scripts.length} shell scripts checked.\n`);
process.exitCode = results.every(Boolean) ? 0 : 1;
