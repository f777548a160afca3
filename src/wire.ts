import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context } from './cli/context.ts';
import type { LocalPorts, Prompt, Remotes } from './core/ports.ts';
import { clock } from './effects/clock.ts';
import { ids } from './effects/ids.ts';
import { createLog } from './effects/log.ts';
import { profileFiles } from './effects/profile-files.ts';
import { screenOf } from './effects/screen.ts';
import { templateFiles } from './effects/templates.ts';

/** Put in by the build. */
declare const HPC_SERVE_VERSION: string | undefined;
export const packageVersion = typeof HPC_SERVE_VERSION === 'string' ? HPC_SERVE_VERSION : 'development';

/** Builds the effects and hands them to the commands. What is heavy is loaded when it is first used. */
export function createContext(options: {
  readonly debug: boolean;
  readonly ask: boolean;
  readonly signal: AbortSignal;
}): Context {
  const environment = process.env;
  const packageDirectory = findPackage(dirname(fileURLToPath(import.meta.url)));
  const log = createLog({ enabled: options.debug, stateDirectory: stateDirectory() });
  const prompt = options.ask && process.stdin.isTTY && process.stderr.isTTY ? lazyPrompt : undefined;
  const remotes: Remotes = {
    async connect(target, signal) {
      const { createRemotes } = await import('./effects/remote/connect.ts');
      const opened = createRemotes({
        ...(prompt === undefined ? {} : { prompt }),
        log,
        ids,
        environment,
        homeDirectory: homedir(),
        stateDirectory: stateDirectory(),
      });
      return opened.connect(target, signal);
    },
  };
  const localPorts: LocalPorts = {
    async listen(port, accept) {
      const { localPorts: ports } = await import('./effects/proxy/local-ports.ts');
      return ports.listen(port, accept);
    },
  };
  return {
    stdout: screenOf(process.stdout, environment),
    stderr: screenOf(process.stderr, environment),
    clock,
    ids,
    log,
    remotes,
    localPorts,
    profiles: profileFiles(environment, homedir(), packageVersion),
    templates: templateFiles(packageDirectory),
    prompt,
    signal: options.signal,
    packageDirectory,
    version: packageVersion,
  };
}

/** `$XDG_STATE_HOME/hpc-serve`, for the log and sockets. */
function stateDirectory(): string {
  return join(process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local/state'), 'hpc-serve');
}

/** The directory of the package: the nearest one above that has templates. */
function findPackage(from: string): string {
  return existsSync(join(from, 'templates')) || dirname(from) === from ? from : findPackage(dirname(from));
}

const lazyPrompt: Prompt = {
  line: async (text) => (await import('./effects/prompt.ts')).terminalPrompt.line(text),
  secret: async (text) => (await import('./effects/prompt.ts')).terminalPrompt.secret(text),
  confirm: async (text) => (await import('./effects/prompt.ts')).terminalPrompt.confirm(text),
  choose: async (text, choices) => (await import('./effects/prompt.ts')).terminalPrompt.choose(text, choices),
};
