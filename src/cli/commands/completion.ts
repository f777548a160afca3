import { Command } from 'commander';
import { listModels } from '../../core/catalog/model.ts';
import { loadProfile } from '../../flows/load-profile.ts';
import { openSession } from '../../flows/session.ts';
import { statusRows } from '../../flows/status.ts';
import { complete, type Kind } from '../complete.ts';
import type { Context } from '../context.ts';
import { clusterOption } from '../define.ts';

const scripts: Readonly<Record<string, string>> = {
  bash: `# Load it with: source <(hpc-serve completion bash)
_hpc_serve() {
  local IFS=$'\\n'
  COMPREPLY=($(hpc-serve __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -F _hpc_serve hpc-serve
`,
  zsh: `#compdef hpc-serve
# Load it with: source <(hpc-serve completion zsh)
_hpc_serve() {
  compadd -- \${(f)"$(hpc-serve __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"}
}
compdef _hpc_serve hpc-serve
`,
  fish: `# Load it with: hpc-serve completion fish | source
complete -c hpc-serve -f -a '(hpc-serve __complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
};

/** `completion <shell>`: the script that makes a shell complete hpc-serve's commands and names. */
export function completionCommand(context: Context, shell: string): Promise<number> {
  context.stdout.write(scripts[shell] ?? '');
  return Promise.resolve(0);
}

/** Milliseconds that a look at the cluster may take while somebody waits for a completion. */
const patienceMs = 3000;

/** `__complete`: what may stand at the place of the last word, one candidate a line. */
export async function completeCommand(
  context: Context,
  program: Command,
  words: readonly string[],
): Promise<number> {
  const { words: fixed, kind } = complete(program, words);
  const candidates = kind === undefined ? fixed : await namesOf(context, kind, clusterIn(words));
  const current = words.at(-1) ?? '';
  for (const candidate of candidates) {
    if (candidate.startsWith(current)) context.stdout.write(`${candidate}\n`);
  }
  return 0;
}

function clusterIn(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => word === '--cluster' || word === '-c');
  if (at >= 0) return words[at + 1];
  const written = words.find((word) => word.startsWith('--cluster='))?.slice('--cluster='.length);
  return written ?? clusterOfEnvironment();
}

/** What the option has where it is not written. */
function clusterOfEnvironment(): string | undefined {
  const command = new Command().addOption(clusterOption()).parse([], { from: 'user' });
  return command.opts<{ cluster?: string }>().cluster;
}

async function namesOf(
  context: Context,
  kind: Kind,
  cluster: string | undefined,
): Promise<readonly string[]> {
  switch (kind) {
    case 'model':
      return listModels().map(({ name }) => name);
    case 'cluster': {
      const files = await context.profiles.list();
      return files.ok ? files.value.map(({ name }) => name) : [];
    }
    case 'deployment':
      return deploymentNames(context, cluster);
  }
}

async function deploymentNames(context: Context, cluster: string | undefined): Promise<readonly string[]> {
  const profile = await loadProfile(context, cluster);
  if (!profile.ok) return [];
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(patienceMs)]);
  const session = openSession(context.remotes, profile.value, signal);
  try {
    const remote = await session.remote();
    if (!remote.ok) return [];
    const status = await statusRows(context, remote.value, profile.value, undefined);
    return status.ok ? status.value.rows.map(({ observation }) => observation.deployment) : [];
  } finally {
    await session.close();
  }
}
