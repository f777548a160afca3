import { isAbsolute, join } from 'node:path';

/** A process's environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** `$XDG_CONFIG_HOME/hpc-serve`: what the user writes. */
export function configDirectory(environment: Environment, homeDirectory: string): string {
  return join(xdg(environment['XDG_CONFIG_HOME']) ?? join(homeDirectory, '.config'), 'hpc-serve');
}

/** `$XDG_CACHE_HOME/hpc-serve`: what may be deleted at any time. */
export function cacheDirectory(environment: Environment, homeDirectory: string): string {
  return join(xdg(environment['XDG_CACHE_HOME']) ?? join(homeDirectory, '.cache'), 'hpc-serve');
}

/** `$XDG_STATE_HOME/hpc-serve`: logs and sockets. */
export function stateDirectory(environment: Environment, homeDirectory: string): string {
  return join(xdg(environment['XDG_STATE_HOME']) ?? join(homeDirectory, '.local/state'), 'hpc-serve');
}

/** The XDG Base Directory Specification has relative paths ignored. */
function xdg(value: string | undefined): string | undefined {
  return value !== undefined && isAbsolute(value) ? value : undefined;
}
