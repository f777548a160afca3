import type { ScriptOutput } from '../ports.ts';
import { type ErrorExplanation, explainError } from './errors.ts';
import { expandNodeList } from './nodelist.ts';
import { excerpt, parseEpoch } from './fields.ts';

/** What became of a submission. */
export type SbatchReply =
  | { readonly kind: 'accepted'; readonly job: string; readonly cluster: string | null }
  /** Slurm said no; nothing was submitted. `explained` where the text is a known one. */
  | {
      readonly kind: 'refused';
      readonly exitCode: number;
      readonly stderr: string;
      readonly explained: ErrorExplanation | undefined;
    }
  /** The controller could not be asked; nothing was submitted. */
  | { readonly kind: 'unavailable'; readonly stderr: string; readonly explained: ErrorExplanation }
  /** It may have been submitted: look for the job's name before anything else. */
  | { readonly kind: 'uncertain'; readonly because: string };

const idLine = /^(\d{1,10})(?:;([\w.-]{1,128}))?$/;

/**
 * What sbatch's answer means. Only the exit code and the last line of stdout decide: sites add lines, and an `error:` on
 * stderr may come with a success ("Slurm temporarily unable to accept job, sleeping and retrying").
 */
export function parseSbatch(output: ScriptOutput): SbatchReply {
  const { exitCode, stdout, stderr } = output;
  const id = idLine.exec(lastLine(stdout));
  if (exitCode === 0) {
    if (id?.[1] !== undefined) return { kind: 'accepted', job: id[1], cluster: id[2] ?? null };
    return {
      kind: 'uncertain',
      because: `sbatch succeeded but printed no job id: "${excerpt(stdout.trim())}"`,
    };
  }
  if (id !== null) {
    return { kind: 'uncertain', because: `sbatch printed a job id and ended with ${String(exitCode)}` };
  }
  return parseRefusal(output, explainError(stderr));
}

function parseRefusal(output: ScriptOutput, explained: ErrorExplanation | undefined): SbatchReply {
  const { exitCode, stderr } = output;
  const said = excerpt(lastLine(stderr));
  if (explained?.answer === 'ambiguous') return { kind: 'uncertain', because: `sbatch said "${said}"` };
  if (explained?.answer === 'unreachable') return { kind: 'unavailable', stderr, explained };
  if (explained !== undefined || exitCode === 126 || exitCode === 127) {
    return { kind: 'refused', exitCode, stderr, explained };
  }
  if (exitCode === 1 && /^sbatch: /m.test(stderr)) return { kind: 'refused', exitCode, stderr, explained };
  return { kind: 'uncertain', because: `sbatch ended with ${String(exitCode)} and said "${said}"` };
}

/** When a job would start, from `sbatch --test-only`. */
export interface StartEstimate {
  /** Seconds since 1970; null where the time was not printed under `slurmPrelude`. */
  readonly startTime: number | null;
  readonly processors: number;
  readonly nodes: readonly string[];
  readonly partition: string;
}

/** 26.05 prints a stray `a` after the time. */
const estimateLine =
  /^(?:sbatch: )?Job \d{1,10} to start at (\S{1,40})(?: a)? using (\d{1,10}) processors on nodes (\S{1,100000}) in partition (\S{1,128})$/;

/**
 * The answer of `sbatch --test-only`, which stands on stderr even when it is a yes; undefined when there is none. A
 * refusal reads as one of `parseSbatch`.
 */
export function parseStartEstimate(output: ScriptOutput): StartEstimate | undefined {
  if (output.exitCode !== 0) return undefined;
  for (const line of output.stderr.split('\n')) {
    const match = estimateLine.exec(line.trimEnd());
    if (match === null) continue;
    const [, start = '', processors, nodeList = '', partition = ''] = match;
    const nodes = expandNodeList(nodeList);
    if (!nodes.ok) return undefined;
    return { startTime: parseEpoch(start), processors: Number(processors), nodes: nodes.value, partition };
  }
  return undefined;
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.trim() ?? '';
}
