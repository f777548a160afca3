import { spawn } from 'node:child_process';
import { root } from './files.mjs';

/** Runs a program, says every 2 s on stderr that it goes on, and shows its output only when it fails. */
export function runQuietly(what, argv, env = {}) {
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 1000);
  const output = [];
  process.stderr.write(`${what} …\n`);
  return new Promise((resolve) => {
    const child = spawn(argv[0], argv.slice(1), {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ticker = setInterval(() => process.stderr.write(`  … ${seconds()} s\n`), 2000);
    const done = (ok) => {
      clearInterval(ticker);
      if (!ok) process.stderr.write(Buffer.concat(output));
      resolve(ok);
    };
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.on('error', (error) => {
      output.push(Buffer.from(`${error.message}\n`));
      done(false);
    });
    child.on('close', (code) => done(code === 0));
  });
}
