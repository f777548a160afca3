import { explainLimit, isBudget } from './limit-reasons.ts';
import { type ReasonClass, reasons, type ReasonText } from './reasons-data.ts';

/** Why a job waits or has ended, for people. */
export interface ReasonExplanation {
  /** `unknown`: a word that is not known here; the sentence then quotes it. */
  readonly class: ReasonClass | 'unknown';
  /** What the matter is. */
  readonly sentence: string;
  /** What to do. */
  readonly advice: string;
  /** Whether the job starts if nobody does anything. */
  readonly waitingHelps: boolean;
}

/** `Reason`, `(Reason)`, `Reason, tail` and `Reason(tail)`. */
const form = /^\(?([A-Za-z]+)\b[\s,:(]*/;

/** Slurm reports the failure to open a job's files as signal 53 (seen on 24.11 and 26.05). */
const unopenedFiles: ReasonText = [
  'after-run',
  'Slurm could not open its log file, or enter its directory, on the compute node.',
  'Check that both exist on the compute node, and can be written there.',
];

const waitless = new Set(['AssociationTimeLimit']);

/** Explains squeue's or sacct's reason. Never fails: what is not known is quoted as it is. */
export function explainReason(raw: string): ReasonExplanation {
  const text = raw.slice(0, 1_000).trim().replaceAll('_', ' ');
  const word = form.exec(text)?.[1] ?? '';
  if (word === 'ReqNodeNotAvail' || /^\(?Nodes required for job are DOWN/i.test(text)) {
    return unavailableNodes(text);
  }
  if (/^RaisedSignal:53\b/.test(text)) return toExplanation(unopenedFiles, word);
  const known = Object.hasOwn(reasons, word) ? reasons[word] : explainLimit(word);
  if (known !== undefined) return toExplanation(known, word);
  const quoted = text === '' ? 'no reason' : `"${text.slice(0, 200)}"`;
  return {
    class: 'unknown',
    sentence: `Slurm gives ${quoted}.`,
    advice: '`scontrol show job` may say more; the administrators of the cluster know their own words.',
    waitingHelps: true,
  };
}

function toExplanation([kind, sentence, advice]: ReasonText, word: string): ReasonExplanation {
  const waitingHelps = kind === 'transient' || (kind === 'blocked' && !isBudget(word) && !waitless.has(word));
  return { class: kind, sentence, advice, waitingHelps };
}

const unavailable = /Unavailable(?:Nodes)?:([A-Za-z0-9.,[\]-]{1,300})/;

/** The tail of ReqNodeNotAvail tells a broken node from a busy one and from a maintenance window. */
function unavailableNodes(text: string): ReasonExplanation {
  const blocked = (sentence: string, advice: string): ReasonExplanation => ({
    class: 'blocked',
    sentence,
    advice,
    waitingHelps: true,
  });
  if (/maintenance/i.test(text)) {
    return blocked(
      'The nodes are reserved for maintenance before the job would end.',
      'Submit again with a --time that ends before the maintenance, or wait until it is over.',
    );
  }
  const nodes = unavailable.exec(text)?.[1];
  if (nodes !== undefined) {
    return blocked(
      `Nodes that it needs are down or drained: ${nodes}.`,
      'Wait until they return (`sinfo -R` shows why), or ask for other nodes.',
    );
  }
  if (/reserved for/i.test(text)) {
    return blocked(
      'The nodes that it needs may be reserved for another job.',
      'Wait; fewer nodes or a shorter --time may start earlier.',
    );
  }
  return blocked(...rest(reasons['ReqNodeNotAvail']));
}

function rest(text: ReasonText | undefined): [string, string] {
  return [text?.[1] ?? '', text?.[2] ?? ''];
}
