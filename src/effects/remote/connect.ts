import type { Ids, Log, Prompt, Remotes } from '../../core/ports.ts';
import { fail, ok } from '../../core/result.ts';

/** What connections are opened with. */
export interface RemotesOptions {
  /** Absent where nobody is there to ask: then unknown hosts and encrypted keys are refused. */
  readonly prompt?: Prompt | undefined;
  readonly log: Log;
  readonly ids: Ids;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
}

/** Opens connections; each adapter is loaded when it is first used. */
export function createRemotes(options: RemotesOptions): Remotes {
  return {
    connect: async (target, signal) => {
      if (target.transport === 'local') {
        const { openLocal } = await import('./local.ts');
        return ok(openLocal(target.host, options.ids));
      }
      // Else the name would be an option of the ssh program.
      if (target.host === '' || target.host.startsWith('-')) {
        return fail({ kind: 'usage', message: `"${target.host}" is not a host name.` });
      }
      const needs = { ...options, prompt: options.prompt, signal };
      if (target.transport === 'openssh') {
        const { openOpenSsh } = await import('./openssh.ts');
        return openOpenSsh(target, needs);
      }
      const { openSsh2 } = await import('./ssh2.ts');
      return openSsh2(target, needs);
    },
  };
}
