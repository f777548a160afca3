import type { Clock } from '../../core/ports.ts';
import { formatSeconds } from '../format.ts';
import { styleOf } from '../style.ts';
import type { Screen } from '../context.ts';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
/** Without a terminal a line is written after this many seconds of the same wait, then ever more rarely. */
const silentSeconds = [2, 10, 30, 60];

/** Shows on stderr what is being waited for and for how long: one line that changes, or a line now and then. */
export interface Progress {
  /** From now on `text` is what is being waited for. */
  waitFor(text: string): void;
  /** Writes a line above the changing one. */
  line(text: string): void;
  stop(): void;
}

export function startProgress(screen: Screen, clock: Clock): Progress {
  return screen.isTerminal ? animated(screen, clock) : spoken(screen, clock);
}

function animated(screen: Screen, clock: Clock): Progress {
  const style = styleOf(screen);
  let text: string | undefined;
  let since = clock.monotonic();
  let frame = 0;
  const clear = (): void => screen.write('\r\u001b[2K');
  const draw = (): void => {
    if (text === undefined || screen.held) return;
    const elapsed = (clock.monotonic() - since) / 1000;
    const suffix = elapsed >= 2 ? ` (${formatSeconds(elapsed)})` : '';
    const line = `${frames[frame++ % frames.length] ?? ''} ${text}${suffix}`;
    screen.write(`\r\u001b[2K${style.dim(line.slice(0, screen.columns - 1))}`);
  };
  const timer = setInterval(draw, 100);
  timer.unref();
  return {
    waitFor(next) {
      if (next === text) return;
      text = next;
      since = clock.monotonic();
      draw();
    },
    line(line) {
      clear();
      screen.write(`${line}\n`);
      draw();
    },
    stop() {
      clearInterval(timer);
      if (text !== undefined) clear();
      text = undefined;
    },
  };
}

function spoken(screen: Screen, clock: Clock): Progress {
  let text: string | undefined;
  let since = clock.monotonic();
  let told = 0;
  const timer = setInterval(() => {
    if (text === undefined) return;
    const elapsed = (clock.monotonic() - since) / 1000;
    const due = silentSeconds[told] ?? (told - silentSeconds.length + 2) * 60;
    if (elapsed < due) return;
    told += 1;
    screen.write(`… ${text} (${formatSeconds(elapsed)})\n`);
  }, 500);
  timer.unref();
  return {
    waitFor(next) {
      if (next === text) return;
      text = next;
      since = clock.monotonic();
      told = 0;
    },
    line: (line) => screen.write(`${line}\n`),
    stop() {
      clearInterval(timer);
      text = undefined;
    },
  };
}
