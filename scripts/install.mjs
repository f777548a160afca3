#!/usr/bin/env node
/** Checks that Node is new enough, and installs the packages of the lockfile where node_modules differs from it. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './files.mjs';
import { runQuietly } from './run-quietly.mjs';

function stop(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  // 20.19 is what the development tools ask for; the package itself runs on every Node 20.
  if (major < 20 || (major === 20 && minor < 19)) {
    stop(
      `hpc-serve is developed with Node 20.19 or newer, and this is Node ${process.versions.node} (${process.execPath}).`,
    );
  }
}

function packagesOf(lockfile) {
  const { packages } = JSON.parse(readFileSync(join(root, lockfile), 'utf8'));
  delete packages['']; // the project itself
  return packages;
}

/** npm records what it installed in node_modules/.package-lock.json, as its last step. */
function isInstalled() {
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return false;
  const installed = packagesOf('node_modules/.package-lock.json');
  return Object.entries(packagesOf('package-lock.json')).every(([path, wanted]) =>
    installed[path] === undefined ? wanted.optional === true : installed[path].version === wanted.version,
  );
}

async function install() {
  // ssh2 can build a faster cipher addon where there is a compiler; with Node's headers at hand it downloads none.
  const prefix = dirname(dirname(process.execPath));
  const headers = existsSync(join(prefix, 'include/node/node.h'));
  const env = headers ? { npm_package_config_node_gyp_nodedir: prefix } : {};
  const npm = ['npm', 'ci', '--no-audit', '--no-fund'];
  if (!(await runQuietly('Installing the packages of package-lock.json (npm ci)', npm, env))) {
    stop('npm ci failed; its messages are above. It needs the npm registry.');
  }
}

checkNode();
if (!isInstalled()) await install();
