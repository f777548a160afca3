import type { DeploymentName } from '../../core/names.ts';
import type { LocalPort, LocalPorts, Log, Remote } from '../../core/ports.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { addressesOf, type DeploymentEndpoints } from '../../core/tunnel/event.ts';
import { portsFor } from '../../core/tunnel/port.ts';
import { readKey } from './key.ts';
import { Service, type ServiceWorld } from './service.ts';

/** Which deployments a tunnel serves. */
export type TunnelScope =
  | { readonly kind: 'one'; readonly deployment: DeploymentName; readonly port: number | undefined }
  /** Every deployment that has an endpoint, those included that get one while the tunnel runs. */
  | { readonly kind: 'all' };

/** What an exchange needs. */
export interface ExchangeWorld extends ServiceWorld {
  readonly localPorts: LocalPorts;
  readonly log: Log;
}

interface Served {
  readonly service: Service;
  readonly port: LocalPort;
  key: string | undefined;
  /** Of which starts the key was read. */
  starts: string | undefined;
}

/** How many ports are tried for a deployment whose port was not asked for. */
const portsTried = 64;

/** The deployments that a tunnel serves, each on its local port. */
export class Exchange {
  readonly #scope: TunnelScope;
  readonly #world: ExchangeWorld;
  readonly #served = new Map<DeploymentName, Served>();
  readonly #portless = new Set<DeploymentName>();

  constructor(scope: TunnelScope, world: ExchangeWorld) {
    this.#scope = scope;
    this.#world = world;
  }

  /** Whether a connection waits for an endpoint. */
  get waiting(): boolean {
    return [...this.#served.values()].some(({ service }) => service.waiting);
  }

  /** Listens for what is there at the start; here a failure still ends the tunnel. */
  async start(remote: Remote, known: readonly DeploymentEndpoints[]): Promise<Result<undefined>> {
    const scope = this.#scope;
    if (scope.kind === 'all') {
      await this.take(remote, known);
      return ok(undefined);
    }
    const { deployment } = scope;
    const found = known.find((entry) => entry.deployment === deployment);
    if (found === undefined) {
      return fail({ kind: 'deployment-unknown', deployment, known: known.map((entry) => entry.deployment) });
    }
    if (found.endpoints.length === 0) {
      return fail({ kind: 'endpoint-missing', deployment, state: found.state });
    }
    return this.#listen(remote, found);
  }

  /** Takes over a reading of the whole cluster; true when endpoints are other ones than before. */
  async take(remote: Remote, known: readonly DeploymentEndpoints[]): Promise<boolean> {
    const byName = new Map(known.map((entry) => [entry.deployment, entry]));
    let changed = false;
    for (const [name, served] of this.#served) {
      const entry = byName.get(name);
      if (served.service.update(entry?.endpoints ?? [], entry?.state ?? 'gone')) changed = true;
      if (entry !== undefined) await this.#updateKey(remote, served, entry);
    }
    if (this.#scope.kind === 'one') return changed;
    const ready = known.filter((entry) => entry.endpoints.length > 0 && !this.#served.has(entry.deployment));
    for (const entry of ready.toSorted(byDeployment)) await this.#add(remote, entry);
    return changed || ready.length > 0;
  }

  /** The SSH connection is lost. */
  cut(): void {
    for (const { service } of this.#served.values()) service.cut();
  }

  /** Closes every port, and what runs through them. */
  async close(): Promise<void> {
    const all = [...this.#served.values()];
    for (const { service } of all) service.close();
    await Promise.all(all.map(({ port }) => port.close()));
  }

  /** Every start of a deployment may have a key of its own. */
  async #updateKey(remote: Remote, served: Served, entry: DeploymentEndpoints): Promise<void> {
    const starts = startsOf(entry);
    if (entry.endpoints.length === 0 || starts === served.starts) return;
    const key = await this.#readKey(remote, entry.keyFile);
    if (key === undefined) return;
    served.starts = starts;
    if (key === served.key) return;
    served.key = key;
    this.#world.emit({ kind: 'key-changed', deployment: entry.deployment, key });
  }

  /** A deployment that `--all` came upon. That its ports are taken is said once, and does not end the tunnel. */
  async #add(remote: Remote, entry: DeploymentEndpoints): Promise<void> {
    const { deployment } = entry;
    const listening = await this.#listen(remote, entry);
    if (listening.ok || this.#portless.has(deployment)) return;
    this.#portless.add(deployment);
    const [port = 0] = portsFor(deployment, 1);
    this.#world.emit({ kind: 'not-listening', deployment, port });
  }

  async #listen(remote: Remote, entry: DeploymentEndpoints): Promise<Result<undefined>> {
    const { deployment, servedName: model, endpoints, keyFile } = entry;
    const service = new Service(entry, this.#world);
    const bound = await this.#bind(service);
    if (!bound.ok) return bound;
    const { port } = bound.value;
    const key = await this.#readKey(remote, keyFile);
    const starts = key === undefined ? undefined : startsOf(entry);
    this.#served.set(deployment, { service, port: bound.value, key, starts });
    this.#world.emit({
      kind: 'listening',
      deployment,
      port,
      baseUrl: `http://127.0.0.1:${port}/v1`,
      model,
      replicas: addressesOf(endpoints),
      key,
      keyRead: key !== undefined,
    });
    return ok(undefined);
  }

  async #bind(service: Service): Promise<Result<LocalPort>> {
    const asked = this.#scope.kind === 'one' ? this.#scope.port : undefined;
    const [first = 0, ...others] = asked === undefined ? portsFor(service.deployment, portsTried) : [asked];
    const listen = (port: number): Promise<Result<LocalPort>> =>
      this.#world.localPorts.listen(port, (connection) => void service.serve(connection));
    let bound = await listen(first);
    for (const port of others) {
      if (bound.ok || bound.failure.kind !== 'port-in-use') return bound;
      bound = await listen(port);
    }
    return bound;
  }

  async #readKey(remote: Remote, keyFile: string): Promise<string | undefined> {
    const key = await readKey(remote, keyFile);
    if (key !== undefined) this.#world.log.hide(key);
    return key;
  }
}

function byDeployment(a: DeploymentEndpoints, b: DeploymentEndpoints): number {
  return a.deployment < b.deployment ? -1 : 1;
}

function startsOf({ keyFile, endpoints }: DeploymentEndpoints): string {
  return [keyFile, ...endpoints.map(({ identity }) => identity).toSorted()].join('\n');
}
