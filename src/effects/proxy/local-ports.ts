import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { ByteChannel, LocalConnection, LocalPort, LocalPorts } from '../../core/ports.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { pump, type Pump } from './pump.ts';

/** Listens by `node:net`. */
export const localPorts: LocalPorts = {
  async listen(port, accept) {
    const connections = new Set<LocalConnection>();
    const open = (socket: Socket): void => {
      const connection = connectionOf(socket);
      connections.add(connection);
      socket.on('close', () => connections.delete(connection));
      accept(connection);
    };
    const v4 = await bind('127.0.0.1', port, open);
    if (typeof v4 === 'string') return refusal(v4, port);
    const bound = (v4.address() as AddressInfo).port;
    const v6 = await bind('::1', bound, open);
    if (typeof v6 === 'string' && !absentAddress.has(v6)) {
      await close(v4);
      // The system chose a port that is taken on ::1 only: it chooses another one.
      return port === 0 && v6 === 'EADDRINUSE' ? localPorts.listen(0, accept) : refusal(v6, bound);
    }
    const servers = typeof v6 === 'string' ? [v4] : [v4, v6];
    return ok(portOf(bound, servers, connections));
  },
};

/** Codes by which a machine says that it has no IPv6 loopback address. */
const absentAddress: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT']);

function bind(host: string, port: number, accept: (socket: Socket) => void): Promise<Server | string> {
  // Half-open, because a client that has sent its request may close its side; paused, because no replica is chosen yet.
  const server = createServer(
    { allowHalfOpen: true, pauseOnConnect: true, noDelay: true, highWaterMark: 2 ** 19 },
    accept,
  );
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, ipv6Only: true, backlog: 1024 }, () => {
      server.removeAllListeners('error');
      // From now on only accepting can fail (out of file descriptors): the connection is lost, the port stays.
      server.on('error', () => undefined);
      resolve(server);
    });
  });
}

function refusal(code: string, port: number): Result<LocalPort> {
  if (code === 'EADDRINUSE') return fail({ kind: 'port-in-use', port });
  return fail({ kind: 'usage', message: `Port ${port} can't be listened on: ${code}.` });
}

function portOf(port: number, servers: readonly Server[], connections: Set<LocalConnection>): LocalPort {
  return {
    port,
    async close() {
      const closed = Promise.all(servers.map(close));
      for (const connection of connections) connection.abort();
      await closed;
    },
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function connectionOf(socket: Socket): LocalConnection {
  let running: Pump | undefined;
  const abort = (): void => {
    if (running === undefined) socket.resetAndDestroy();
    else running.abort();
  };
  // Every failure of a socket ends in 'close', which is what is listened to.
  socket.on('error', () => undefined);
  return {
    join(far: ByteChannel, onProgress: () => void) {
      running = pump(socket, far, onProgress);
      return running.done;
    },
    abort,
  };
}
