import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import type { EndpointRecord } from '../../src/core/deployment/records.ts';
import { DeploymentName, JobId } from '../../src/core/names.ts';
import type { Log } from '../../src/core/ports.ts';
import type { DeploymentEndpoints } from '../../src/core/tunnel/event.ts';

/** Keeps what is logged, so that a test can look for secrets. */
export function listLog(): Log & { readonly lines: readonly string[]; readonly hidden: readonly string[] } {
  const lines: string[] = [];
  const hidden: string[] = [];
  const write = (message: string, fields?: Readonly<Record<string, unknown>>): void =>
    void lines.push(`${message} ${JSON.stringify(fields ?? {})}`);
  return { lines, hidden, debug: write, warn: write, hide: (secret) => void hidden.push(secret) };
}

export const nameOf = (text: string): DeploymentName => DeploymentName.parse(text);

/** An endpoint record of replica `replica` that listens on `port` of this machine. */
export function endpointAt(port: number, change: Partial<EndpointRecord> = {}): EndpointRecord {
  return {
    deployment: nameOf('llama'),
    job: JobId.parse('7'),
    restart: 0,
    replica: 0,
    node: 'node1',
    host: '127.0.0.1',
    port,
    protocols: ['openai'],
    model: 'llama',
    identity: `identity${port}`,
    keyFile: '/nowhere/key',
    started: 1,
    ready: 2,
    expectedEnd: 3,
    ...change,
  };
}

export function deploymentOf(
  endpoints: readonly EndpointRecord[],
  change: Partial<DeploymentEndpoints> = {},
): DeploymentEndpoints {
  return {
    deployment: nameOf('llama'),
    servedName: 'llama-3-8b',
    endpoints,
    keyFile: '/nowhere/key',
    state: endpoints.length > 0 ? 'ready' : 'queued',
    ...change,
  };
}

/** A TCP server on this machine that stands in for a replica. */
export interface Replica {
  readonly port: number;
  /** Connections that were accepted. */
  readonly accepted: () => number;
  close(): Promise<void>;
}

export async function startReplica(serve: (socket: Socket) => void, port = 0): Promise<Replica> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    accepted: () => accepted,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Says `name` and ends. */
export const named =
  (name: string) =>
  (socket: Socket): void =>
    void socket.end(name);

/** Sends back what it gets, and ends when the client does. */
export function echo(socket: Socket): void {
  socket.pipe(socket);
}

/** What a client sees: everything received, and how it ended. */
export interface Seen {
  readonly bytes: Buffer;
  readonly error: string | undefined;
}

/** Connects to a local port, sends `payload`, ends its side, and collects the answer. */
export function ask(port: number, payload: Uint8Array | string = '', host = '127.0.0.1'): Promise<Seen> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let error: string | undefined;
    const socket = connect({ host, port, allowHalfOpen: true });
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', (reason: NodeJS.ErrnoException) => (error = reason.code ?? reason.message));
    socket.on('end', () => socket.destroySoon());
    socket.on('close', () => resolve({ bytes: Buffer.concat(chunks), error }));
    socket.end(payload);
  });
}
