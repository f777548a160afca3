import type { Failure } from '../core/failure.ts';
import type { Clock, LocalPorts, Log, Remote, Remotes, RemoteTarget } from '../core/ports.ts';
import { fail, type Result } from '../core/result.ts';
import { refreshDueAt } from '../core/tunnel/cadence.ts';
import type { DeploymentEndpoints, TunnelEvent } from '../core/tunnel/event.ts';
import { Exchange, type TunnelScope } from './tunnel/exchange.ts';
import { Link } from './tunnel/link.ts';
import { Pulse, Queue } from './tunnel/waiting.ts';

export type { TunnelScope } from './tunnel/exchange.ts';

/** What the flow needs of the world. */
export interface TunnelWorld {
  readonly remotes: Remotes;
  readonly localPorts: LocalPorts;
  readonly clock: Clock;
  readonly log: Log;
  /** Every deployment of the cluster, with its endpoint records. */
  readonly readEndpoints: (remote: Remote) => Promise<Result<readonly DeploymentEndpoints[]>>;
}

/**
 * Makes deployments reachable on this machine until `signal` aborts. A local port that was announced stays open, and stays the
 * same, whatever happens to the connection, to the machine's sleep or to the jobs. Ends with `interrupted` when it was aborted.
 */
export async function* tunnel(
  target: RemoteTarget,
  scope: TunnelScope,
  world: TunnelWorld,
  signal: AbortSignal,
): AsyncGenerator<TunnelEvent, Result<never>> {
  const events = new Queue<TunnelEvent>();
  // A reader that leaves early ends the tunnel as `signal` does.
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  const ended = new Tunnel(target, scope, world, (event) => events.push(event)).run(stop.signal);
  try {
    return fail(yield* events.until(ended));
  } finally {
    signal.removeEventListener('abort', abort);
    abort();
    await ended;
  }
}

class Tunnel {
  readonly #world: TunnelWorld;
  readonly #link: Link;
  readonly #exchange: Exchange;
  readonly #refresh: Pulse;
  #asked = false;
  #over = false;

  constructor(
    target: RemoteTarget,
    scope: TunnelScope,
    world: TunnelWorld,
    emit: (event: TunnelEvent) => void,
  ) {
    const { remotes, localPorts, clock, log } = world;
    this.#world = world;
    this.#refresh = new Pulse(clock);
    const onLost = (): void => this.#exchange.cut();
    const askRefresh = (): void => {
      this.#asked = true;
      this.#refresh.beat();
    };
    this.#link = new Link({ remotes, target, clock, log, emit, onLost, onHealed: askRefresh });
    this.#exchange = new Exchange(scope, { clock, link: this.#link, emit, askRefresh, localPorts, log });
  }

  /** Serves until `signal` aborts or nothing can be served any more; leaves nothing open, and says why it ended. */
  async run(signal: AbortSignal): Promise<Failure> {
    const failure = (await this.#start(signal)) ?? (await this.#serve(signal));
    await this.#exchange.close();
    await this.#link.close();
    return signal.aborted ? { kind: 'interrupted' } : failure;
  }

  async #start(signal: AbortSignal): Promise<Failure | undefined> {
    const opened = await this.#link.open(signal);
    if (!opened.ok) return opened.failure;
    const known = await this.#world.readEndpoints(opened.value);
    if (!known.ok) return known.failure;
    const started = await this.#exchange.start(opened.value, known.value);
    return started.ok ? undefined : started.failure;
  }

  async #serve(signal: AbortSignal): Promise<Failure> {
    const reading = this.#keepReading();
    const failure = await this.#link.keep(signal);
    this.#over = true;
    this.#refresh.beat();
    await reading;
    return failure;
  }

  async #keepReading(): Promise<void> {
    const { clock } = this.#world;
    let lastRead = clock.monotonic();
    let fruitless = 0;
    while (!this.#over) {
      const wanted = this.#asked || this.#exchange.waiting;
      const wait = refreshDueAt({ lastRead, wanted, fruitless }) - clock.monotonic();
      if (wait > 0) {
        await this.#refresh.next(wait);
        continue;
      }
      lastRead = clock.monotonic();
      const remote = await this.#link.ready(lastRead + 1_000);
      if (remote === undefined) continue;
      this.#asked = false;
      const changed = await this.#read(remote);
      fruitless = wanted && !changed ? fruitless + 1 : 0;
    }
  }

  /** Whether the cluster had anything new. No answer is not an answer: what was known stays. */
  async #read(remote: Remote): Promise<boolean> {
    const read = await this.#world.readEndpoints(remote);
    if (read.ok) return this.#exchange.take(remote, read.value);
    this.#world.log.warn('tunnel: endpoints not read', { failure: read.failure.kind });
    return false;
  }
}
