import type { EndpointRecord } from '../../core/deployment/records.ts';
import type { DeploymentName } from '../../core/names.ts';
import type { ByteChannel, Clock, LocalConnection, Remote } from '../../core/ports.ts';
import { fail, type Result } from '../../core/result.ts';
import { openTimeoutMs, patienceMs } from '../../core/tunnel/cadence.ts';
import { addressesOf, type DeploymentEndpoints, type TunnelEvent } from '../../core/tunnel/event.ts';
import {
  accepted,
  choose,
  refused,
  released,
  reserved,
  sameEndpoints,
  withEndpoints,
  type RouteTable,
} from '../../core/tunnel/route.ts';
import type { Link } from './link.ts';
import { Pulse, within } from './waiting.ts';

/** What the service of one deployment needs. */
export interface ServiceWorld {
  readonly clock: Clock;
  readonly link: Link;
  readonly emit: (event: TunnelEvent) => void;
  /** The endpoint records may be out of date. */
  readonly askRefresh: () => void;
}

interface FarEnd {
  readonly remote: Remote;
  readonly channel: ByteChannel;
  readonly identity: string;
}

/** One deployment behind one local port: takes connections and spreads them over the replicas. */
export class Service {
  readonly deployment: DeploymentName;
  readonly #world: ServiceWorld;
  readonly #pulse: Pulse;
  readonly #joined = new Set<LocalConnection>();
  readonly #opening = new Set<() => void>();
  #table: RouteTable;
  #lastRefusal = '';
  #waiting = 0;
  #closed = false;

  constructor(first: DeploymentEndpoints, world: ServiceWorld) {
    this.deployment = first.deployment;
    this.#world = world;
    this.#pulse = new Pulse(world.clock);
    this.#table = withEndpoints([], first.endpoints);
  }

  /** Whether a connection waits for an endpoint. */
  get waiting(): boolean {
    return this.#waiting > 0;
  }

  /** Takes over a new reading; true when the endpoints are other ones than before. */
  update(endpoints: readonly EndpointRecord[], state: string): boolean {
    const had = this.#table.length;
    const same = sameEndpoints(this.#table, endpoints);
    this.#table = withEndpoints(this.#table, endpoints);
    if (same) return false;
    const { deployment } = this;
    if (endpoints.length > 0) {
      this.#world.emit({ kind: 'moved', deployment, replicas: addressesOf(endpoints) });
    } else if (had > 0) {
      this.#world.emit({ kind: 'waiting-for-endpoint', deployment, state });
    }
    this.#pulse.beat();
    return true;
  }

  /** Serves a local connection from its first byte to its last. */
  async serve(connection: LocalConnection): Promise<void> {
    const far = await this.#open();
    if (far === undefined) return connection.abort();
    this.#joined.add(connection);
    const done = connection.join(far.channel, this.#world.link.alive);
    if (this.#closed || far.remote !== this.#world.link.current) connection.abort();
    await done;
    this.#joined.delete(connection);
    this.#table = released(this.#table, far.identity);
  }

  /** The SSH connection is lost: what runs through it fails at once, what is being opened is tried again. */
  cut(): void {
    for (const connection of this.#joined) connection.abort();
    for (const giveUp of this.#opening) giveUp();
  }

  /** The tunnel ends. */
  close(): void {
    this.#closed = true;
    this.#pulse.beat();
  }

  async #open(): Promise<FarEnd | undefined> {
    const { clock, link } = this.#world;
    const until = clock.monotonic() + patienceMs;
    while (!this.#closed && clock.monotonic() < until) {
      const remote = await link.ready(until);
      if (remote === undefined) break;
      const choice = choose(this.#table, clock.monotonic());
      if (choice.kind === 'route') {
        const { endpoint } = choice.route;
        const channel = await this.#try(remote, endpoint);
        if (channel !== undefined) return { remote, channel, identity: endpoint.identity };
      } else {
        await this.#wait(choice.kind === 'wait' ? Math.min(choice.until, until) : until);
      }
    }
    if (!this.#closed) this.#turnAway();
    return undefined;
  }

  /** Asks one replica. No byte was sent yet, so a refusal costs nothing: the next one is asked. */
  async #try(remote: Remote, { host, port, identity }: EndpointRecord): Promise<ByteChannel | undefined> {
    const { clock, link } = this.#world;
    this.#table = reserved(this.#table, identity);
    link.asked();
    const result = await within(clock, openTimeoutMs, (late) => this.#forward(remote, host, port, late));
    if (result?.ok === true) {
      link.alive();
      this.#table = accepted(this.#table, identity);
      return result.value;
    }
    this.#table = released(this.#table, identity);
    if (result?.failure.kind === 'connection-lost') {
      link.lose(remote, result.failure.because);
      return undefined;
    }
    if (result?.failure.kind === 'forward-refused') link.alive();
    this.#lastRefusal = becauseOf(result, `${host}:${port}`);
    this.#table = refused(this.#table, identity, clock.monotonic());
    this.#world.askRefresh();
    return undefined;
  }

  /** Opens a channel, unless the connection is lost meanwhile. One that comes too late is closed. */
  #forward(remote: Remote, host: string, port: number, late: AbortSignal): Promise<Result<ByteChannel>> {
    return new Promise((resolve) => {
      const giveUp = (): void => {
        this.#opening.delete(giveUp);
        resolve(fail({ kind: 'connection-lost', host: remote.host, because: 'it was given up' }));
      };
      this.#opening.add(giveUp);
      late.addEventListener('abort', giveUp);
      void remote.forward(host, port).then((opened) => {
        if (this.#opening.delete(giveUp)) resolve(opened);
        else discard(opened);
      });
    });
  }

  async #wait(until: number): Promise<void> {
    this.#waiting += 1;
    this.#world.askRefresh();
    await this.#pulse.next(until - this.#world.clock.monotonic());
    this.#waiting -= 1;
  }

  #turnAway(): void {
    const because =
      this.#world.link.current === undefined
        ? 'the cluster was not reachable'
        : this.#table.length === 0
          ? 'it has no endpoint'
          : this.#lastRefusal;
    this.#world.emit({ kind: 'turned-away', deployment: this.deployment, because });
  }
}

function becauseOf(result: Result<ByteChannel> | undefined, target: string): string {
  if (result === undefined || result.ok) return `${target} did not answer within ${openTimeoutMs / 1000} s`;
  return result.failure.kind === 'forward-refused' ? result.failure.because : result.failure.kind;
}

/** A channel that came too late. */
function discard(opened: Result<ByteChannel>): void {
  if (!opened.ok) return;
  opened.value.on('error', () => undefined);
  opened.value.resume();
  opened.value.destroy();
}
