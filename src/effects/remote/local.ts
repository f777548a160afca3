import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import type { ByteChannel, Ids, Remote } from '../../core/ports.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { followScript } from './follow-script.ts';
import { runScript } from './run-script.ts';
import type { Connection, RemoteProcess } from './process.ts';

/** The machine that hpc-serve itself runs on, for use on a login host. */
export function openLocal(host: string, ids: Ids): Remote {
  const open = new Set<{ close(): void }>();
  let closed: (reason: undefined) => void = () => undefined;
  let isClosed = false;
  const lost = new Promise<undefined>((resolve) => {
    closed = resolve;
  });
  const gone = (): Result<never> => fail({ kind: 'connection-lost', host, because: 'it was closed' });
  const connection: Connection = {
    host,
    lost,
    start: (commandLine) => {
      if (isClosed) return Promise.resolve(gone());
      const started = startLocally(commandLine);
      open.add(started);
      void started.ended.then(() => open.delete(started));
      return Promise.resolve(ok(started));
    },
  };
  return {
    host,
    lost,
    run: (script) => runScript(connection, script, ids),
    follow: (script, signal) => followScript(connection, script, ids, signal),
    forward: (target, port) => (isClosed ? Promise.resolve(gone()) : connectTo(target, port)),
    close: () => {
      isClosed = true;
      for (const process of open) process.close();
      closed(undefined);
      return Promise.resolve();
    },
  };
}

function startLocally(commandLine: string): RemoteProcess {
  // A process group of its own, so that a script that is given up can be ended with all that it started.
  const child = spawn('/bin/sh', ['-c', commandLine], { detached: true, stdio: 'pipe' });
  child.stdin.on('error', () => undefined);
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    ended: new Promise((resolve) => {
      child.once('close', () => resolve());
      child.once('error', () => resolve());
    }),
    close: () => {
      child.stdin.destroy();
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}

function connectTo(host: string, port: number): Promise<Result<ByteChannel>> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: true, autoSelectFamily: true });
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(ok(socket));
    });
    socket.once('error', (error) =>
      resolve(fail({ kind: 'forward-refused', target: `${host}:${port}`, because: error.message })),
    );
  });
}
