import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { root } from './sandbox-support.ts';

const machines: string[] = [];
afterAll(() => {
  for (const directory of machines) rmSync(directory, { recursive: true, force: true });
});

/** The program as users run it, on a machine of its own: nothing but this directory is remembered between two calls. */
export interface Machine {
  readonly directory: string;
  /** Runs hpc-serve to its end; never rejects. */
  run(...args: readonly string[]): Promise<Outcome>;
  /** Starts hpc-serve; the caller ends it. */
  start(...args: readonly string[]): Running;
}

export interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  /** What it has printed so far. */
  stdout(): string;
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Outcome>;
}

export function aMachine(): Machine {
  const directory = mkdtempSync(join(tmpdir(), 'hpc-serve-machine-'));
  machines.push(directory);
  const environment = {
    HOME: directory,
    XDG_CONFIG_HOME: join(directory, 'config'),
    XDG_CACHE_HOME: join(directory, 'cache'),
    XDG_STATE_HOME: join(directory, 'state'),
    PATH: process.env['PATH'] ?? '',
  };
  const start = (...args: readonly string[]): Running => {
    const child = spawn('node', [join(root, 'dist/main.js'), ...args], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    return {
      stdout: () => stdout,
      stderr: () => stderr,
      kill: (signal) => child.kill(signal),
      ended: new Promise((resolve) => {
        child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
      }),
    };
  };
  return { directory, start, run: (...args) => start(...args).ended };
}

/** Tries `probe` again every 250 ms until it gives something; fails after `seconds`. */
export async function eventually<T>(seconds: number, probe: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (performance.now() > end) throw new Error(`it did not come to pass within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
