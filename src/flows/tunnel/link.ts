import type { Failure } from '../../core/failure.ts';
import type { Clock, Log, Remote, RemoteTarget, Remotes } from '../../core/ports.ts';
import { fail, type Result } from '../../core/result.ts';
import { checkDue, checkTimeoutMs, tickMs, woke, type Moment } from '../../core/tunnel/cadence.ts';
import type { TunnelEvent } from '../../core/tunnel/event.ts';
import { attemptTimeoutMs, heal, type LinkEvent, type LinkState } from '../../core/tunnel/heal.ts';
import { Pulse, within } from './waiting.ts';

/** What a link needs of the world. */
export interface LinkWorld {
  readonly remotes: Remotes;
  readonly target: RemoteTarget;
  readonly clock: Clock;
  readonly log: Log;
  readonly emit: (event: TunnelEvent) => void;
  /** The connection is lost: what runs through it is dead. */
  readonly onLost: () => void;
  /** It is there again; what was known of the cluster may be old. */
  readonly onHealed: () => void;
}

const closeMs = 2_000;

/** The one SSH connection of a tunnel: opened again whenever it is lost, and checked, because a dead one may stay silent. */
export class Link {
  readonly #world: LinkWorld;
  readonly #pulse: Pulse;
  #state: LinkState;
  #remote: Remote | undefined;
  #attemptTimeoutMs = 0;
  #over = false;
  #lastUse = 0;
  #lastSign = 0;
  #unansweredSince: number | undefined;

  constructor(world: LinkWorld) {
    this.#world = world;
    this.#pulse = new Pulse(world.clock);
    this.#state = { kind: 'connected', since: this.#now() };
  }

  /** The connection, while it is believed to be alive. */
  get current(): Remote | undefined {
    return this.#remote;
  }

  /** Opens the first connection, however long it takes: a person may have to type a code. */
  async open(signal: AbortSignal): Promise<Result<Remote>> {
    const started = this.#now();
    const result = await this.#world.remotes.connect(this.#world.target, signal);
    if (!result.ok) return result;
    this.#attemptTimeoutMs = attemptTimeoutMs(this.#now() - started);
    this.#adopt(result.value);
    this.#world.emit({ kind: 'connected', host: result.value.host });
    return result;
  }

  /** Keeps the connection alive until `signal` aborts, or until it can't be had again; gives the reason. */
  async keep(signal: AbortSignal): Promise<Failure> {
    const stop = (): void => {
      this.#over = true;
      this.#pulse.beat();
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    while (!this.#over && this.#state.kind !== 'given-up') {
      if (this.#state.kind === 'reconnecting') await this.#reconnect(this.#state.delayMs, signal);
      else await this.#watch();
    }
    stop();
    return this.#state.kind === 'given-up' ? this.#state.failure : { kind: 'interrupted' };
  }

  /** The connection, as soon as there is one; undefined when there is none `until` then (monotonic ms), or ever. */
  async ready(until: number): Promise<Remote | undefined> {
    while (!this.#over && this.#remote === undefined && this.#now() < until) {
      await this.#pulse.next(until - this.#now());
    }
    return this.#remote;
  }

  /** The far side was asked for something that it answers at once. */
  asked(): void {
    this.#lastUse = this.#now();
    this.#unansweredSince ??= this.#lastUse;
  }

  /** It answered, or a byte went through. Called for every chunk. */
  readonly alive = (): void => {
    this.#lastSign = this.#now();
    this.#lastUse = this.#lastSign;
    this.#unansweredSince = undefined;
  };

  /** `remote` is no use any more. */
  lose(remote: Remote, because: string): void {
    if (remote !== this.#remote) return;
    this.#remote = undefined;
    this.#step({ kind: 'lost', because });
    this.#world.log.warn('tunnel: connection lost', { because });
    this.#world.onLost();
    this.#world.emit({ kind: 'reconnecting', host: remote.host, because });
    void remote.close();
  }

  /** Ends the connection; a host that no longer answers is not waited for. */
  async close(): Promise<void> {
    const remote = this.#remote;
    this.#remote = undefined;
    if (remote !== undefined) await within(this.#world.clock, closeMs, () => remote.close());
  }

  #now(): number {
    return this.#world.clock.monotonic();
  }

  #moment(): Moment {
    return { wall: this.#world.clock.now(), monotonic: this.#now() };
  }

  #step(event: LinkEvent): void {
    this.#state = heal(this.#state, event, this.#now());
    this.#pulse.beat();
  }

  #adopt(remote: Remote): void {
    this.#remote = remote;
    this.#lastSign = this.#now();
    this.#unansweredSince = undefined;
    void remote.lost.then((because) => this.lose(remote, because ?? 'it was closed'));
    this.#step({ kind: 'connected' });
  }

  /** One tick of a connection that is up. */
  async #watch(): Promise<void> {
    const before = this.#moment();
    await this.#pulse.next(tickMs);
    const remote = this.#remote;
    if (remote === undefined) return;
    const signs = {
      lastSign: this.#lastSign,
      lastUse: this.#lastUse,
      unansweredSince: this.#unansweredSince,
    };
    if (woke(before, this.#moment()) || checkDue(this.#now(), signs)) await this.#check(remote);
  }

  /** Any answer proves life, and so does any byte that comes through meanwhile: a busy login host may be slow to start a shell. */
  async #check(remote: Remote): Promise<void> {
    const started = this.#now();
    const answer = await within(this.#world.clock, checkTimeoutMs, () =>
      remote.run({ what: 'check the connection', text: 'true', timeoutMs: 2 * checkTimeoutMs }),
    );
    if (answer?.ok === false && answer.failure.kind === 'connection-lost') {
      this.lose(remote, answer.failure.because);
    } else if (answer !== undefined) {
      this.#lastSign = this.#now();
      this.#unansweredSince = undefined;
    } else if (this.#lastSign <= started) {
      this.lose(remote, `no answer within ${checkTimeoutMs / 1000} s`);
    }
  }

  async #reconnect(delayMs: number, signal: AbortSignal): Promise<void> {
    await this.#world.clock.sleep(delayMs, signal);
    if (signal.aborted) return;
    const result = await this.#attempt(signal);
    if (!result.ok) return this.#step({ kind: 'attempt-failed', failure: result.failure });
    const downMs = this.#state.kind === 'reconnecting' ? this.#now() - this.#state.since : 0;
    this.#adopt(result.value);
    this.#world.emit({ kind: 'healed', host: result.value.host, downMs });
    this.#world.onHealed();
  }

  /** One attempt, cut off in time, so that the next one meets a network that came back meanwhile. */
  async #attempt(signal: AbortSignal): Promise<Result<Remote>> {
    const { remotes, target, clock } = this.#world;
    const result = await within(clock, this.#attemptTimeoutMs, (late) => {
      const either = new AbortController();
      const cancel = (): void => either.abort();
      late.addEventListener('abort', cancel);
      signal.addEventListener('abort', cancel);
      const connecting = remotes.connect(target, either.signal);
      void connecting.then((opened) => {
        signal.removeEventListener('abort', cancel);
        if (late.aborted && opened.ok) void opened.value.close();
      });
      return connecting;
    });
    const because = `no connection within ${Math.round(this.#attemptTimeoutMs / 1000)} s`;
    return result ?? fail({ kind: 'unreachable', host: target.host, because });
  }
}
