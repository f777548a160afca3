import type { WriteStream } from 'node:tty';

/** One of the process's output streams. Colour only on a terminal, and never where NO_COLOR is set (no-color.org). */
export function screenOf(
  stream: WriteStream,
  environment: Readonly<Record<string, string | undefined>>,
): {
  readonly isTerminal: boolean;
  readonly colour: boolean;
  readonly columns: number;
  write(text: string): void;
} {
  const isTerminal = stream.isTTY && environment['TERM'] !== 'dumb';
  return {
    isTerminal,
    colour: isTerminal && (environment['NO_COLOR'] ?? '') === '',
    get columns() {
      return stream.isTTY ? stream.columns : 80;
    },
    write: (text) => void stream.write(text),
  };
}
