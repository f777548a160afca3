/** What a node's state means for new jobs, and Slurm's words for it. */
export interface NodeState {
  /** Slurm's words in lower case, without suffixes: `mixed`, `idle`, `drained`, …; flags such as `planned` follow. */
  readonly words: readonly string[];
  /** Whether the node may take a job now or when others have ended. */
  readonly usable: boolean;
}

/** The marks after a state in sinfo (its manual, "NODE STATE CODES"), as the flags that scontrol shows. */
const marks: Readonly<Record<string, string>> = {
  '*': 'not_responding',
  '%': 'powering_down',
  '~': 'powered_down',
  '#': 'powering_up',
  '!': 'power_down_pending',
  $: 'maintenance',
  '@': 'reboot_requested',
  '^': 'reboot_issued',
  '-': 'planned',
  '+': 'completing',
};

/** A node with one of these takes no job, however long one waits. Powered down nodes are started for a job. */
const unusable = new Set([
  'down',
  'drain',
  'drained',
  'draining',
  'error',
  'fail',
  'failing',
  'future',
  'inval',
  'invalid_reg',
  'maint',
  'maintenance',
  'no_respond',
  'not_responding',
  'perfctrs',
  'unknown',
]);

/** Reads sinfo's `mixed-`, `idle*`, `drained$` and scontrol's `MIXED+PLANNED`. Unknown words stay. */
export function parseNodeState(raw: string): NodeState {
  let text = raw.trim().slice(0, 200);
  const flags: string[] = [];
  for (let mark = marks[text.at(-1) ?? '']; mark !== undefined; mark = marks[text.at(-1) ?? '']) {
    flags.unshift(mark);
    text = text.slice(0, -1);
  }
  const words = [...text.toLowerCase().split('+'), ...flags].filter((word) => word !== '');
  return { words, usable: words.length > 0 && !words.some((word) => unusable.has(word)) };
}
