import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context } from './cli/context.ts';
import type { LocalPorts, Prompt, Remotes } from './core/ports.ts';
import { clock } from './effects/clock.ts';
import { stateDirectory } from './effects/directories.ts';
import { createIds } from './effects/ids.ts';
import { localFiles } from './effects/local-files.ts';
import { createLog } from './effects/log.ts';
import { profileFiles } from './effects/profile-files.ts';
import { screenOf, type StreamScreen } from './effects/screen.ts';
import { templateFiles } from './effects/templates.ts';
import { packageVersion } from './version.ts';

/** Builds the effects and hands them to the commands. What is heavy is loaded when it is first used. */
export function createContext(options: {
  readonly debug: boolean;
  readonly ask: boolean;
  readonly signal: AbortSignal;
}): Context {
  const environment = process.env;
  const packageDirectory = findPackage(dirname(fileURLToPath(import.meta.url)));
  const home = homedir();
  const state = stateDirectory(environment, home);
  const ids = createIds();
  const log = createLog({ enabled: options.debug, stateDirectory: state });
  const stderr = screenOf(process.stderr, environment);
  const prompt = options.ask && process.stdin.isTTY && process.stderr.isTTY ? lazyPrompt(stderr) : undefined;
  const remotes: Remotes = {
    async connect(target, signal) {
      const { createRemotes } = await import('./effects/remote/connect.ts');
      const opened = createRemotes({
        prompt,
        log,
        ids,
        environment,
        homeDirectory: home,
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
    stderr,
    clock,
    ids,
    log,
    remotes,
    localPorts,
    profiles: profileFiles(environment, homedir(), packageVersion),
    files: localFiles,
    templates: templateFiles(packageDirectory),
    prompt,
    signal: options.signal,
    packageDirectory,
    version: packageVersion,
  };
}

/** The directory of the package: the nearest one above that has templates. */
function findPackage(from: string): string {
  return existsSync(join(from, 'templates')) || dirname(from) === from ? from : findPackage(dirname(from));
}

/** A prompt that is loaded with the first question, and that has the screen to itself. */
function lazyPrompt(screen: StreamScreen): Prompt {
  const ask = <T>(question: (prompt: Prompt) => Promise<T>): Promise<T> =>
    screen.hold(async () => question((await import('./effects/prompt.ts')).terminalPrompt));
  return {
    line: (text) => ask((prompt) => prompt.line(text)),
    secret: (text) => ask((prompt) => prompt.secret(text)),
    confirm: (text) => ask((prompt) => prompt.confirm(text)),
    choose: (text, options) => ask((prompt) => prompt.choose(text, options)),
  };
}
