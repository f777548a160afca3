import { readFileSync } from 'node:fs';
import type { Templates } from '../../src/core/ports.ts';

/** The templates of the repository. */
export const templates: Templates = {
  read: (name) => readFileSync(new URL(`../../templates/${name}`, import.meta.url), 'utf8'),
};
