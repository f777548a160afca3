import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Templates } from '../../src/core/ports.ts';

/** The real templates. By the working directory, because benchmarks are bundled into another place. */
export const templates: Templates = {
  read: (name) => readFileSync(join(process.cwd(), 'templates', name), 'utf8'),
};
