import type { Failure } from '../../core/failure.ts';

const words: Readonly<Record<string, { readonly because: string; readonly hint?: string }>> = {
  ENOTFOUND: {
    because: 'the name is not known to the name service',
    hint: 'Check the host name, and whether a VPN has to be connected.',
  },
  EAI_AGAIN: {
    because: 'the name service does not answer',
    hint: 'Check the network connection of this machine.',
  },
  ECONNREFUSED: {
    because: 'it refuses connections to the port',
    hint: 'Check the port, and whether the SSH server is running.',
  },
  ETIMEDOUT: {
    because: 'it did not answer in time',
    hint: 'Check the network connection, and whether a VPN has to be connected.',
  },
  EHOSTUNREACH: {
    because: 'there is no route to it',
    hint: 'Check the network connection, and whether a VPN has to be connected.',
  },
  ENETUNREACH: {
    because: 'the network is not reachable',
    hint: 'Check the network connection of this machine.',
  },
  ECONNRESET: { because: 'it closed the connection at once' },
  EPIPE: { because: 'it closed the connection' },
};

/** An error of a socket as a failure to reach `host`. */
export function unreachable(host: string, error: Error): Failure {
  // Several addresses that all failed come as one AggregateError, whose first member says what happened.
  const first = error instanceof AggregateError ? (error.errors[0] as Error | undefined) : undefined;
  const code =
    (error as NodeJS.ErrnoException).code ?? (first as NodeJS.ErrnoException | undefined)?.code ?? '';
  return { kind: 'unreachable', host, because: error.message || code, ...words[code] };
}

/** The words for an error on a connection that was open. */
export function lossOf(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (error.message === 'Keepalive timeout') return 'the host stopped answering';
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'the host closed it';
  return words[code]?.because ?? error.message;
}
