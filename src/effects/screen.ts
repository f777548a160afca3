import type { Environment } from './directories.ts';

/** One of the process's output streams, as commands see it. */
export interface StreamScreen {
  readonly isTerminal: boolean;
  readonly colour: boolean;
  readonly columns: number;
  readonly rows: number;
  readonly held: boolean;
  write(text: string): void;
  /** Runs `ask` while nothing else draws on the screen. */
  hold<T>(ask: () => Promise<T>): Promise<T>;
}

/** Colour only on a terminal, and never where NO_COLOR is set (no-color.org). */
export function screenOf(stream: NodeJS.WriteStream, environment: Environment): StreamScreen {
  const isTerminal = stream.isTTY && environment['TERM'] !== 'dumb';
  let holds = 0;
  return {
    isTerminal,
    colour: isTerminal && (environment['NO_COLOR'] ?? '') === '',
    get columns() {
      return isTerminal ? stream.columns : 80;
    },
    get rows() {
      return isTerminal ? stream.rows : Number.POSITIVE_INFINITY;
    },
    get held() {
      return holds > 0;
    },
    write: (text) => void stream.write(text),
    async hold(ask) {
      holds += 1;
      try {
        if (isTerminal) stream.write('\r\u001b[2K');
        return await ask();
      } finally {
        holds -= 1;
      }
    },
  };
}
