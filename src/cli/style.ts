import type { Screen } from './context.ts';

type Paint = (text: string) => string;

export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly red: Paint;
}

/** Paints text for a screen; where it shows no colour, text passes unchanged. */
export function styleOf(screen: Screen): Style {
  const paint =
    (open: number, close: number): Paint =>
    (text) =>
      screen.colour ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    green: paint(32, 39),
    yellow: paint(33, 39),
    red: paint(31, 39),
  };
}
