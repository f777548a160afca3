import { parseSections } from '../remote/sections.ts';

/** What one command of a remote script printed, and how it ended. */
export interface Section {
  /** 124: it took too long; 127: there is no such program. */
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

/** The sections of a remote script by name (`labels /opt/a.sif`), and whether the script came to its end. */
export interface Sections {
  readonly byName: ReadonlyMap<string, Section>;
  readonly complete: boolean;
}

/**
 * Reads what templates/remote/probe.sh and look-on-node.sh print: each section is followed by one called `end` with its
 * status. One that was cut off keeps what came, with status 124.
 */
export function readSections(stdout: string, stderr: string, mark: string): Sections {
  const byName = new Map<string, Section>();
  const parts = parseSections(stdout, stderr, mark);
  for (const [index, part] of parts.entries()) {
    if (part.name === 'end' || part.name === 'finished') continue;
    const end = parts[index + 1];
    byName.set(part.argument === '' ? part.name : `${part.name} ${part.argument}`, {
      status: end?.name === 'end' ? Number.parseInt(end.argument, 10) : 124,
      output: part.stdout.trim(),
      errors: part.stderr.trim(),
    });
  }
  return { byName, complete: parts.at(-1)?.name === 'finished' };
}

/** The values of the lines `key=value` of a section, in order. */
export function valuesOf(section: Section | undefined, key: string): readonly string[] {
  const prefix = `${key}=`;
  return (section?.output ?? '')
    .split('\n')
    .filter((line) => line.startsWith(prefix))
    .map((line) => line.slice(prefix.length).trim());
}

/** The first value of `key`; undefined where there is none, or it is empty. */
export function valueOf(section: Section | undefined, key: string): string | undefined {
  return valuesOf(section, key).find((value) => value !== '');
}
