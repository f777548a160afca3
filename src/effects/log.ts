import { join } from 'node:path';
import type { Log } from '../core/ports.ts';

/** One line of the log. */
export interface Entry {
  readonly level: 'debug' | 'warn';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const silent: Log = { debug: () => undefined, warn: () => undefined, hide: () => undefined };

/**
 * A log in `hpc-serve.log` of the state directory, mode 0600; silent unless `enabled`. pino is loaded on the first
 * entry. Secrets are replaced in the finished line, so none passes, whatever the field or the text it stands in.
 */
export function createLog(options: { readonly enabled: boolean; readonly stateDirectory: string }): Log {
  if (!options.enabled) return silent;
  const secrets = new Set<string>();
  const waiting: Entry[] = [];
  let write = (entry: Entry): void => void waiting.push(entry);
  const start = async (): Promise<void> => {
    const { openLog } = await import('./log-file.ts');
    write = openLog(join(options.stateDirectory, 'hpc-serve.log'), secrets);
    for (const entry of waiting) write(entry);
  };
  let started: Promise<void> | undefined;
  const add =
    (level: Entry['level']): Log['debug'] =>
    (message, fields = {}) => {
      started ??= start();
      write({ level, message, fields });
    };
  return {
    debug: add('debug'),
    warn: add('warn'),
    hide(secret) {
      if (secret === '') return;
      secrets.add(secret);
      secrets.add(JSON.stringify(secret).slice(1, -1));
    },
  };
}
