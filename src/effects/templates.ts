import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Templates } from '../core/ports.ts';

/** The package's own templates/. */
export function templateFiles(packageDirectory: string): Templates {
  return { read: (name) => readFileSync(join(packageDirectory, 'templates', name), 'utf8') };
}
