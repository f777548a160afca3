#!/usr/bin/env node
/**
 * npm test [suite…]: every check and every test, the sandbox cluster included, on a machine that has Node and nothing
 * else. The last line is `N passed, N failed`; a check counts as one test. Exits 1 where anything failed, where a suite
 * ran nothing, and in CI where the cluster tests were skipped.
 */
import './install.mjs';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackages } from './debian.mjs';
import { root } from './files.mjs';
import { removeDeadSandboxes, removeSandboxesOf, whyNoSandbox } from './test-sandboxes.mjs';

const minute = 60_000;
/** Scripts of package.json with one verdict. They run two at a time, because the smallest machine in use has two cores. */
const checks = {
  build: 'build',
  format: 'format:check',
  lint: 'lint',
  types: 'typecheck',
  layers: 'layers',
  dead: 'dead',
  shell: 'shellcheck',
};
/** Projects of vitest.config.ts, in the order in which they run, and how long each may take. */
const projects = { unit: 5 * minute, package: 5 * minute, ssh: 5 * minute };
const clusterProjects = { e2e: 25 * minute, matrix: 80 * minute };

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const inCi = process.env.CI === 'true';
const results = new Map();
const running = new Set();

function endGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group has ended already.
  }
}

/** Runs a program of node_modules/.bin in its own process group, so that its children can be ended with it. */
function start(argv, { timeout, env = {}, stdio }) {
  return new Promise((resolve) => {
    const child = spawn(argv[0], argv.slice(1), {
      cwd: root,
      detached: true,
      stdio: ['ignore', stdio, stdio],
      env: { ...process.env, ...env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` },
    });
    running.add(child);
    const output = [];
    child.stdout?.on('data', (chunk) => output.push(chunk));
    child.stderr?.on('data', (chunk) => output.push(chunk));
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      endGroup(child, 'SIGTERM');
      setTimeout(() => endGroup(child, 'SIGKILL'), 30_000).unref();
    }, timeout);
    const done = (code) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ ok: code === 0 && !late, late, output: Buffer.concat(output).toString() });
    };
    child.on('error', (error) => {
      output.push(Buffer.from(`${error.message}\n`));
      done(1);
    });
    child.on('close', done);
  });
}

function report(name, result, started) {
  const seconds = (performance.now() - started) / 1000;
  results.set(name, { passed: 0, failed: 0, skipped: 0, note: '', ...result, seconds });
}

async function runCheck(name) {
  const started = performance.now();
  const { ok, output } = await start(['sh', '-c', scripts[checks[name]]], {
    timeout: 5 * minute,
    stdio: 'pipe',
  });
  report(name, { passed: ok ? 1 : 0, failed: ok ? 0 : 1 }, started);
  process.stdout.write(`${ok ? '✓' : '✗'} ${name}\n${ok ? '' : output}`);
}

/** What vitest's JSON report counts; a file that could not be loaded counts as one failure. */
function countsOf(reportFile) {
  const { testResults } = JSON.parse(readFileSync(reportFile, 'utf8'));
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of testResults) {
    for (const { status } of file.assertionResults) {
      counts[status === 'passed' || status === 'failed' ? status : 'skipped'] += 1;
    }
    const told = file.assertionResults.some(({ status }) => status === 'failed');
    if (file.status === 'failed' && !told) counts.failed += 1;
  }
  return counts;
}

async function runProject(name, timeout, folder) {
  process.stdout.write(`\n── ${name} ──\n`);
  const started = performance.now();
  const json = join(folder, `${name}.json`);
  const { ok, late } = await start(
    [
      'vitest',
      'run',
      '--project',
      name,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${json}`,
    ],
    {
      timeout,
      stdio: 'inherit',
      env: {
        // Test sandboxes carry this process's id in their name: whoever comes later can tell that their run is dead.
        HPC_SERVE_TEST_RUN: String(process.pid),
        // What a killed test leaves goes with the folder. The hosts of a sandbox have no such directory.
        ...(name in clusterProjects ? {} : { TMPDIR: folder }),
      },
    },
  );
  let result;
  try {
    result = countsOf(json);
  } catch {
    result = { failed: 1, note: late ? `ended after ${timeout / minute} min` : 'vitest gave no report' };
  }
  if (!result.note && result.passed + result.failed === 0)
    result = { ...result, failed: 1, note: 'ran no test' };
  else if (!ok && result.failed === 0)
    result = { ...result, failed: 1, note: 'vitest failed outside of any test' };
  report(name, result, started);
}

async function runCluster(name, timeout, folder) {
  const reason = whyNoSandbox();
  if (reason === undefined) return runProject(name, timeout, folder);
  report(name, { [inCi ? 'failed' : 'skipped']: 1, note: reason }, performance.now());
}

function summary() {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  process.stdout.write('\n');
  for (const [name, { passed, failed, skipped, note, seconds }] of results) {
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
    const counts = [
      passed && `${passed} passed`,
      failed && `${failed} failed`,
      skipped && `${skipped} skipped`,
    ];
    const text = [counts.filter(Boolean).join(', '), note].filter(Boolean).join('; ');
    process.stdout.write(
      `  ${failed ? '✗' : '✓'} ${name.padEnd(8)} ${`${seconds.toFixed(1)} s`.padStart(9)}   ${text}\n`,
    );
  }
  const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : '';
  process.stdout.write(`\n${sum.passed} passed, ${sum.failed} failed${skipped}\n`);
  return sum.failed === 0 && sum.passed > 0;
}

function chosen(argv) {
  const known = { ...projects, ...clusterProjects };
  const unknown = argv.filter((name) => !(name in checks) && !(name in known));
  if (unknown.length > 0) {
    const names = [...Object.keys(checks), ...Object.keys(known)].join(', ');
    process.stderr.write(
      `No suite is called ${unknown.map((name) => `"${name}"`).join(', ')}. The suites are: ${names}.\n`,
    );
    process.exit(2);
  }
  const names = argv.length > 0 ? argv : [...Object.keys(checks), ...Object.keys(projects), 'e2e'];
  // Every project but the unit tests runs the built program.
  const builds = names.some((name) => name in known && name !== 'unit');
  return {
    checks: Object.keys(checks).filter((name) => names.includes(name) || (builds && name === 'build')),
    projects: names.filter((name) => name in known),
    known,
  };
}

/** Removes the folders of test runs that were killed before they could clean up. */
function removeDeadFolders() {
  for (const name of readdirSync(tmpdir())) {
    const owner = /^hpc-serve-test-(\d+)-/.exec(name)?.[1];
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    }
  }
}

async function main() {
  const suites = chosen(process.argv.slice(2));
  const missing = await installPackages();
  if (missing.length > 0) {
    process.stdout.write(`Missing here: ${missing.join(', ')}. The tests that need them are skipped.\n`);
  }
  removeDeadSandboxes();
  removeDeadFolders();
  const folder = mkdtempSync(join(tmpdir(), `hpc-serve-test-${process.pid}-`));
  // One test has a server of another user in it.
  chmodSync(folder, 0o711);
  const interrupted = (signal) => {
    for (const child of running) endGroup(child, 'SIGTERM');
    removeSandboxesOf(process.pid);
    rmSync(folder, { recursive: true, force: true });
    process.stdout.write(`\nStopped by ${signal}.\n`);
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, interrupted);
  try {
    const queue = [...suites.checks];
    const worker = async () => {
      for (let name = queue.shift(); name !== undefined; name = queue.shift()) await runCheck(name);
    };
    await Promise.all([worker(), worker()]);
    for (const name of suites.projects) {
      const run = name in clusterProjects ? runCluster : runProject;
      await run(name, suites.known[name], folder);
    }
  } finally {
    removeSandboxesOf(process.pid);
    rmSync(folder, { recursive: true, force: true });
  }
  process.exitCode = summary() ? 0 : 1;
}

await main();
