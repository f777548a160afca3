/** The output of a remote script that marks its parts: what stands on stdout and stderr below each marker. */
export interface Section {
  readonly name: string;
  /** What follows the name on the marker's line. */
  readonly argument: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Cuts a script's output at its markers: lines `<mark> <name> [argument]` on both streams. */
export function parseSections(stdout: string, stderr: string, mark: string): readonly Section[] {
  const errors = cut(stderr, mark);
  return cut(stdout, mark).map((part, index) => ({
    name: part.name,
    argument: part.argument,
    stdout: part.text,
    stderr: errors[index]?.name === part.name ? errors[index].text : '',
  }));
}

interface Part {
  readonly name: string;
  readonly argument: string;
  readonly text: string;
}

function cut(text: string, mark: string): readonly Part[] {
  const [, ...parts] = `\n${text}`.split(`\n${mark} `);
  return parts.map((part) => {
    const lineEnd = part.indexOf('\n');
    const head = lineEnd < 0 ? part : part.slice(0, lineEnd);
    const space = head.indexOf(' ');
    return {
      name: space < 0 ? head : head.slice(0, space),
      argument: space < 0 ? '' : head.slice(space + 1),
      text: lineEnd < 0 ? '' : part.slice(lineEnd + 1),
    };
  });
}
