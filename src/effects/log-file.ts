import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import pino from 'pino';
import type { Entry } from './log.ts';

/** Opens the log and gives what appends an entry, without any of `secrets`. */
export function openLog(path: string, secrets: ReadonlySet<string>): (entry: Entry) => void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = pino.destination({ dest: path, sync: true, mode: 0o600 });
  const withoutSecrets = {
    write(line: string): void {
      let text = line;
      for (const secret of secrets) text = text.replaceAll(secret, '[hidden]');
      file.write(text);
    },
  };
  const logger = pino({ level: 'debug', base: { pid: process.pid } }, withoutSecrets);
  return ({ level, message, fields }) => logger[level](fields, message);
}
