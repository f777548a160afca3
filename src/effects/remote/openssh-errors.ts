import type { Failure } from '../../core/failure.ts';
import { unreachable } from './network-errors.ts';

/** What ssh prints when the network is at fault, and the error code that it stands for. */
const networkErrors: readonly (readonly [RegExp, string])[] = [
  [/Could not resolve hostname .*: Temporary failure/i, 'EAI_AGAIN'],
  [/Could not resolve hostname/i, 'ENOTFOUND'],
  [/Connection refused/i, 'ECONNREFUSED'],
  [/(?:Connection|Operation) timed out|Timeout, server .* not responding/i, 'ETIMEDOUT'],
  [/No route to host/i, 'EHOSTUNREACH'],
  [/Network is unreachable/i, 'ENETUNREACH'],
  [/Connection (?:reset|closed) by|Connection to .* closed/i, 'ECONNRESET'],
];

/** Says why ssh could not connect, from what it printed with `-v`. */
export function connectFailure(host: string, stderr: string): Failure {
  return hostKeyFailure(host, stderr) ?? authenticationFailure(host, stderr) ?? otherFailure(host, stderr);
}

function hostKeyFailure(host: string, stderr: string): Failure | undefined {
  // The last one belongs to the host that failed: with jump hosts there are several.
  const fingerprint = [...stderr.matchAll(/Server host key: \S+ (SHA256:\S+)/g)].at(-1)?.[1] ?? '';
  const where = /(?:Offending|revoked)[^\n]* key in (\S+:\d+)/i.exec(stderr)?.[1] ?? '';
  if (/marked as revoked|REVOKED HOST KEY/i.test(stderr)) {
    return { kind: 'host-key-refused', host, fingerprint, reason: 'revoked', where };
  }
  if (/HOST IDENTIFICATION HAS CHANGED|host key for .* has changed/i.test(stderr)) {
    return { kind: 'host-key-refused', host, fingerprint, reason: 'changed', where };
  }
  if (/host key is known for|Host key verification failed/i.test(stderr)) {
    return { kind: 'host-key-unknown', host, fingerprint, file: '~/.ssh/known_hosts' };
  }
  return undefined;
}

function authenticationFailure(host: string, stderr: string): Failure | undefined {
  const [, user, methods] = /(\S+?)@\S+: Permission denied \(([^)]*)\)/.exec(stderr) ?? [];
  if (methods !== undefined) {
    return { kind: 'authentication', host, user: user ?? '', tried: methods.split(',') };
  }
  if (!/Too many authentication failures/i.test(stderr)) return undefined;
  const offered = [...stderr.matchAll(/Offering public key: (\S+)/g)].map(
    ([, key]) => `publickey ${key ?? ''}`,
  );
  return { kind: 'authentication', host, user: '', tried: offered };
}

function otherFailure(host: string, stderr: string): Failure {
  const message = lastWords(stderr);
  if (/Bad configuration option|terminating, \d+ bad configuration/i.test(stderr)) {
    const hint = `"ssh -G ${host}" shows how ssh reads its configuration.`;
    return { kind: 'usage', message: `ssh refuses its configuration: ${message}`, hint };
  }
  const code = networkErrors.find(([pattern]) => pattern.test(stderr))?.[1];
  return unreachable(host, Object.assign(new Error(message), { code }));
}

/** The last line that is not a debug message. */
export function lastWords(stderr: string): string {
  const lines = stderr.split(/\r?\n/).filter((line) => line.trim() !== '' && !isDebug(line));
  return lines.at(-1)?.trim() ?? 'ssh ended without a word';
}

/** Whether a line is one that `-v` adds. */
export function isDebug(line: string): boolean {
  return /^(?:debug\d:|OpenSSH_)/.test(line);
}
