#!/usr/bin/env node
/** Runs shellcheck on every shell script that ships, and on the scripts that the golden tests rendered. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, root } from './files.mjs';

const folders = ['.ci', 'scripts', 'clusters', 'templates', 'test/golden', 'test/e2e', 'test/support'];

/** By its name, or by its first line: `#!` with sh, bash or dash. Templates are checked as rendered. */
function isShell(file) {
  if (file.endsWith('.hbs')) return false;
  if (/\.(?:sh|bash)$/.test(file)) return true;
  const [first = ''] = readFileSync(join(root, file), 'utf8').split('\n', 1);
  return /^#!.*\b(?:ba|da)?sh\b/.test(first);
}

const files = folders
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap(filesBelow)
  .filter(isShell);
const { status, error } = spawnSync(
  'shellcheck',
  ['--external-sources', '--source-path=SCRIPTDIR', ...files],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
if (error) process.stderr.write('shellcheck is not installed: apt-get install shellcheck.\n');
process.stdout.write(`${files.length} shell scripts checked.\n`);
process.exit(status ?? 1);
