/** What one command of a remote script printed, and how it ended. */
export interface Section {
  /** 124: it took too long; 127: there is no such program. */
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

/** The sections of a remote script by name, and whether the script came to its end. */
export interface Sections {
  readonly byName: ReadonlyMap<string, Section>;
  readonly complete: boolean;
}

/**
 * Reads what templates/remote/probe.sh and look-on-node.sh print. `marker` frames the sections. A section that was
 * cut keeps what came, with status 124; text outside of sections (a login banner) is passed over.
 */
export function readSections(text: string, marker: string): Sections {
  const byName = new Map<string, Section>();
  let complete = false;
  let open: { name: string; output: string[]; errors: string[]; inErrors: boolean } | undefined;
  const close = (status: number): void => {
    if (open !== undefined) {
      byName.set(open.name, { status, output: joined(open.output), errors: joined(open.errors) });
    }
    open = undefined;
  };
  for (const line of text.split('\n')) {
    const frame = line.startsWith(`${marker} `) ? line.slice(marker.length + 1) : undefined;
    if (frame === undefined) (open?.inErrors === true ? open.errors : open?.output)?.push(line);
    else if (frame.startsWith('begin ')) {
      close(124);
      open = { name: frame.slice('begin '.length), output: [], errors: [], inErrors: false };
    } else if (frame === 'errors' && open !== undefined) open.inErrors = true;
    else if (frame.startsWith('end ')) close(Number(frame.slice('end '.length)) || 0);
    else if (frame === 'done') complete = true;
  }
  close(124);
  return { byName, complete };
}

function joined(lines: readonly string[]): string {
  return lines.join('\n').trim();
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
