/** Why a job is over. */
export type EndCause =
  'completed' | 'failed' | 'cancelled' | 'time-limit' | 'host-memory' | 'node' | 'deadline' | 'revoked';

/** What Slurm's state words mean for a deployment. */
export type JobCondition =
  /** Waits; `again`: it ran before and was requeued, so its old endpoint is void. */
  | { readonly kind: 'queued'; readonly again: boolean }
  /** Waits until somebody releases it. */
  | { readonly kind: 'held' }
  /** Has nodes that are still being booted or prepared. */
  | { readonly kind: 'starting' }
  | { readonly kind: 'running' }
  /** Its processes are stopped: a port of it may accept a connection and never answer. */
  | { readonly kind: 'paused' }
  /** Its processes are being ended and cleaned up; the endpoint is void. */
  | { readonly kind: 'completing' }
  /** Stopped for another job: it is over, or queued again. Only the next look tells. */
  | { readonly kind: 'preempted' }
  | { readonly kind: 'ended'; readonly cause: EndCause; readonly byUser: string | null }
  /** A word that is not known here: neither running nor over. */
  | { readonly kind: 'unknown'; readonly raw: string };

type Meaning = Exclude<JobCondition, { readonly kind: 'unknown' }>;

const ended = (cause: EndCause): Meaning => ({ kind: 'ended', cause, byUser: null });

/** The base states (Slurm's job_state_codes page): every job has one. */
const baseStates: Readonly<Record<string, Meaning>> = {
  PENDING: { kind: 'queued', again: false },
  RUNNING: { kind: 'running' },
  SUSPENDED: { kind: 'paused' },
  PREEMPTED: { kind: 'preempted' },
  COMPLETED: ended('completed'),
  FAILED: ended('failed'),
  CANCELLED: ended('cancelled'),
  TIMEOUT: ended('time-limit'),
  OUT_OF_MEMORY: ended('host-memory'),
  NODE_FAIL: ended('node'),
  BOOT_FAIL: ended('node'),
  DEADLINE: ended('deadline'),
};

/** The flags: squeue shows one of them instead of the base state. Null: the base state alone counts. */
const flags: Readonly<Record<string, Meaning | null>> = {
  COMPLETING: { kind: 'completing' },
  STAGE_OUT: { kind: 'completing' },
  CONFIGURING: { kind: 'starting' },
  POWER_UP_NODE: { kind: 'starting' },
  STOPPED: { kind: 'paused' },
  REQUEUED: { kind: 'queued', again: true },
  REQUEUE_FED: { kind: 'queued', again: true },
  EXPEDITING: { kind: 'queued', again: true },
  REQUEUE_HOLD: { kind: 'held' },
  SPECIAL_EXIT: { kind: 'held' },
  RESV_DEL_HOLD: { kind: 'held' },
  LAUNCH_FAILED: ended('node'),
  RECONFIG_FAIL: ended('node'),
  REVOKED: ended('revoked'),
  SIGNALING: { kind: 'running' },
  RESIZING: { kind: 'running' },
  UPDATE_DB: null,
};

/** Every word that Slurm has for a job's state. */
export const stateWords: readonly string[] = [...Object.keys(baseStates), ...Object.keys(flags)];

const cancelledBy = /^CANCELLED by (\S{1,64})$/;

/**
 * What the state of a job means, from squeue's word, sacct's `CANCELLED by 1000`, a word that sacct cut (`CANCELLED+`),
 * or several words joined by `+` or `,`. Never fails: an unknown word is `unknown` and stays visible.
 */
export function interpretState(raw: string): JobCondition {
  const text = raw.trim();
  const by = cancelledBy.exec(text);
  if (by !== null) return { kind: 'ended', cause: 'cancelled', byUser: by[1] ?? null };
  if (text.endsWith('+')) return interpretCutWord(text);
  const words = text.split(/[+,\s]+/);
  const unknown: JobCondition = { kind: 'unknown', raw: text.slice(0, 80) };
  if (words.some((word) => !stateWords.includes(word))) return unknown;
  for (const word of words) {
    const meaning = Object.hasOwn(flags, word) ? flags[word] : undefined;
    if (meaning) return isSignalOfRunning(word) ? (baseOf(words) ?? meaning) : meaning;
  }
  return baseOf(words) ?? unknown;
}

function isSignalOfRunning(word: string): boolean {
  return word === 'SIGNALING' || word === 'RESIZING';
}

function baseOf(words: readonly string[]): Meaning | undefined {
  const word = words.find((candidate) => Object.hasOwn(baseStates, candidate));
  return word === undefined ? undefined : baseStates[word];
}

/** sacct without --parsable2 cuts words to its column: `OUT_OF_ME+`. */
function interpretCutWord(text: string): JobCondition {
  const start = text.slice(0, -1);
  const matches = start.length < 5 ? [] : stateWords.filter((word) => word.startsWith(start));
  const [only] = matches;
  if (matches.length !== 1 || only === undefined) return { kind: 'unknown', raw: text.slice(0, 80) };
  return interpretState(only);
}
