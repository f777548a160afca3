import { fail, ok, type Result } from '../result.ts';

/** What stands for a login host on the command line. */
export interface Target {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

const form =
  /^(?:(?<user>[^@\s]+)@)?(?:\[(?<address>[0-9A-Fa-f:.%]+)\]|(?<host>[^@:\s[\]]+)|(?<bare>[0-9A-Fa-f]*:[0-9A-Fa-f:]+))(?::(?<port>\d{1,5}))?$/;

/** Reads `[user@]host[:port]`; an IPv6 address with a port stands in brackets. */
export function parseTarget(text: string): Result<Target> {
  const groups = form.exec(text)?.groups;
  const host = groups?.['host'] ?? groups?.['address'] ?? groups?.['bare'] ?? '';
  const user = groups?.['user'];
  const port = groups?.['port'] === undefined ? undefined : Number(groups['port']);
  const isWrong = host === '' || /^-/.test(host) || user?.startsWith('-') === true;
  if (isWrong || (port !== undefined && (port < 1 || port > 65_535))) {
    return fail({
      kind: 'usage',
      message: `${JSON.stringify(text)} is not [user@]host[:port]`,
      hint: 'for example alice@login.cluster.example, or a Host of your ssh configuration',
    });
  }
  return ok({ host, ...(user === undefined ? {} : { user }), ...(port === undefined ? {} : { port }) });
}
