import type { Socket } from 'node:net';
import { fail, ok, type Result } from '../../core/result.ts';
import { unreachable } from './network-errors.ts';
import type { SshSettings } from './ssh-settings.ts';
import { SshSocket } from './ssh-socket.ts';

/** Opens the TCP connection to a host; all of its addresses are tried, IPv6 and IPv4 side by side. */
export function openSocket(settings: SshSettings, signal: AbortSignal | undefined): Promise<Result<Socket>> {
  const { host, hostName, port, family, connectTimeoutMs } = settings;
  return new Promise((resolve) => {
    const socket = new SshSocket();
    socket.connect({ host: hostName, port, family, autoSelectFamily: true });
    const finish = (result: Result<Socket>) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      if (!result.ok) socket.destroy();
      resolve(result);
    };
    const refuse = (error: Error) => finish(fail(unreachable(host, error)));
    const abort = () => finish(fail({ kind: 'interrupted' }));
    const timer = setTimeout(() => {
      refuse(Object.assign(new Error('connect timed out'), { code: 'ETIMEDOUT' }));
    }, connectTimeoutMs);
    socket.once('connect', () => finish(ok(socket)));
    // Stays: an error between this and the first listener of ssh2 must not end the program.
    socket.on('error', refuse);
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
