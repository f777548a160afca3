import type { ProfileFiles } from '../../src/core/ports.ts';
import { fail, ok } from '../../src/core/result.ts';

/** Profiles in memory, by name; `memory` is what was remembered of each. */
export function memoryProfiles(
  texts: Map<string, string>,
  memory = new Map<string, unknown>(),
): ProfileFiles {
  return {
    list: () =>
      Promise.resolve(ok([...texts.keys()].map((name) => ({ name, path: `/config/${name}.yaml` })))),
    read: ({ name, path }) => {
      const text = texts.get(name);
      if (text === undefined) return Promise.resolve(fail({ kind: 'local-file', path, because: 'ENOENT' }));
      return Promise.resolve(ok({ text, stamp: text }));
    },
    write: (name, text) => {
      texts.set(name, text);
      return Promise.resolve(ok({ name, path: `/config/${name}.yaml` }));
    },
    recall: ({ name }) => Promise.resolve(memory.get(name)),
    remember: ({ name }, _read, value) => {
      memory.set(name, value);
      return Promise.resolve();
    },
  };
}
