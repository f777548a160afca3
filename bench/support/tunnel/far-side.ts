import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** Size of a request and of its answer. */
export const blockBytes = 1_024;
/** What one bulk transfer brings. */
export const bulkBytes = 512 * 2 ** 20;

/** Answers every full block by a block. */
export function answering(socket: Socket): void {
  const block = Buffer.alloc(blockBytes, 'a');
  let received = 0;
  socket.on('data', (chunk) => {
    received += chunk.length;
    for (; received >= blockBytes; received -= blockBytes) socket.write(block);
  });
}

/** Sends `bulkBytes` and ends. */
export function sending(socket: Socket): void {
  const block = Buffer.alloc(2 ** 18, 'b');
  let left = bulkBytes;
  const more = (): void => {
    while (left > 0) {
      left -= block.length;
      if (!socket.write(block)) return;
    }
    socket.end();
  };
  socket.on('drain', more);
  more();
}

/** Passes everything on to `target`, 10 ms later in each direction, and limits nothing but that. */
export function delayed(target: number): (socket: Socket) => void {
  return (near) => {
    const far = connect({ port: target, host: '127.0.0.1', noDelay: true });
    late(near, far);
    late(far, near);
  };
}

const oneWayMs = 10;

function late(from: Socket, to: Socket): void {
  const queue: { readonly at: number; readonly chunk: Uint8Array | undefined }[] = [];
  let timer: NodeJS.Timeout | undefined;
  const release = (): void => {
    timer = undefined;
    const now = performance.now();
    let next = queue[0];
    to.cork();
    while (next !== undefined && next.at <= now) {
      queue.shift();
      if (next.chunk === undefined) to.end();
      else to.write(next.chunk);
      next = queue[0];
    }
    to.uncork();
    if (next !== undefined) timer = setTimeout(release, Math.max(0, next.at - now));
  };
  const later = (chunk: Uint8Array | undefined): void => {
    queue.push({ at: performance.now() + oneWayMs, chunk });
    timer ??= setTimeout(release, oneWayMs);
  };
  from.on('data', later);
  from.on('end', () => later(undefined));
  from.on('error', () => to.destroy());
}

/** Serves on a free port of loopback. */
export async function serve(accept: (socket: Socket) => void): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined);
    accept(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
