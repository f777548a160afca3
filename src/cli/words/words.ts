import type { Failure } from '../../core/failure.ts';

/** A failure in the three parts that every message has. */
export interface Words {
  /** What happened, in a sentence. */
  readonly what: string;
  /** What shows it: the program's own words, a place in a file. */
  readonly evidence: readonly string[];
  /** What to do next. */
  readonly next: readonly string[];
}

/** The parts of a message. */
export function words(what: string, evidence: readonly string[] = [], next: readonly string[] = []): Words {
  return { what, evidence, next };
}

/** The failures of certain kinds. */
export type Of<K extends Failure['kind']> = Extract<Failure, { kind: K }>;
