import type { Clock } from '../../core/ports.ts';

/** Wakes whoever waits for a change. */
export class Pulse {
  readonly #waiters = new Set<() => void>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something changed: everybody who waits looks again. */
  beat(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }

  /** Resolves at the next beat, or after `ms`. */
  async next(ms: number): Promise<void> {
    if (ms <= 0) return;
    const over = new AbortController();
    const wake = (): void => over.abort();
    this.#waiters.add(wake);
    await this.#clock.sleep(ms, over.signal);
    this.#waiters.delete(wake);
  }
}

/** The result of `work`, or undefined after `ms`; its signal says then that nobody waits any more. */
export async function within<T>(
  clock: Clock,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const late = new AbortController();
  const answered = new AbortController();
  const result = await Promise.race([
    work(late.signal),
    clock.sleep(ms, answered.signal).then(() => undefined),
  ]);
  answered.abort();
  if (result === undefined) late.abort();
  return result;
}

/** Values on their way from callbacks to an async generator. */
export class Queue<T> {
  readonly #values: T[] = [];
  #wake: () => void = () => undefined;

  push(value: T): void {
    this.#values.push(value);
    this.#wake();
  }

  /** The values as they come, until `ended` resolves; those that are there by then are still given. */
  async *until<E>(ended: Promise<E>): AsyncGenerator<T, E> {
    let end: { readonly value: E } | undefined;
    void ended.then((value) => {
      end = { value };
      this.#wake();
    });
    for (;;) {
      const value = this.#values.shift();
      if (value !== undefined) yield value;
      else if (end !== undefined) return end.value;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
