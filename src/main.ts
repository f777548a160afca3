import { createProgram } from './cli/program.ts';
import { packageVersion } from './version.ts';

/** Argv in, exit code out: the only place that touches the process's exit code and its signals. */
const interrupt = new AbortController();
process.on('SIGINT', () => {
  // The first Ctrl-C ends the command in good order; the second ends it at once.
  if (interrupt.signal.aborted) process.exit(130);
  interrupt.abort();
});
process.on('SIGTERM', () => {
  if (interrupt.signal.aborted) process.exit(143);
  interrupt.abort();
});
// `hpc-serve status | head -1` closes stdout early: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

const program = createProgram(packageVersion, async (options) => {
  // `--help` and `--version` need none of it.
  const { createContext } = await import('./wire.ts');
  return createContext({ ...options, signal: interrupt.signal });
});

function reportBug(error: unknown): void {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `This is a bug in hpc-serve ${packageVersion}, not a fault of yours. Please report it with:\n${stack}\n`,
  );
  process.exitCode = 1;
}

program.run(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
}, reportBug);
