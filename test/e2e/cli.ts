import { execa, type ResultPromise } from 'execa';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './sandbox-support.ts';

/** The program as users run it, on a machine of its own: nothing but this directory is remembered between two calls. */
export interface Machine {
  readonly directory: string;
  /** Runs hpc-serve to its end; never rejects. */
  run(...args: readonly string[]): Promise<Outcome>;
  /** Starts hpc-serve; the caller ends it. */
  start(...args: readonly string[]): ResultPromise<{ reject: false; buffer: true }>;
}

export interface Outcome {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export function aMachine(): Machine {
  const directory = mkdtempSync(join(tmpdir(), 'hpc-serve-machine-'));
  const environment = {
    HOME: directory,
    XDG_CONFIG_HOME: join(directory, 'config'),
    XDG_CACHE_HOME: join(directory, 'cache'),
    XDG_STATE_HOME: join(directory, 'state'),
    PATH: process.env['PATH'] ?? '',
  };
  const start = (...args: readonly string[]): ResultPromise<{ reject: false; buffer: true }> =>
    execa('node', [join(root, 'dist/main.js'), ...args], {
      env: environment,
      extendEnv: false,
      reject: false,
      buffer: true,
      stdin: 'ignore',
    });
  return {
    directory,
    start,
    async run(...args) {
      const { exitCode, stdout, stderr } = await start(...args);
      return { exitCode, stdout, stderr };
    },
  };
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
