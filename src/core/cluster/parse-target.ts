import { given } from './given.ts';
import { fail, ok, type Result } from '../result.ts';

/** What stands for a login host on the command line. */
export interface Target {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

const form =
  /^(?:(?<user>[^-@\s][^@\s]*)@)?(?:\[(?<address>[0-9A-Fa-f:.%]+)\]|(?<host>[^-@:\s[\]][^@:\s[\]]*)|(?<bare>[0-9A-Fa-f]*:[0-9A-Fa-f:]+))(?::(?<port>\d{1,5}))?$/;

/** Reads `[user@]host[:port]`; an IPv6 address with a port stands in brackets. */
export function parseTarget(text: string): Result<Target> {
  const { user, address, host = address, bare, port } = form.exec(text)?.groups ?? {};
  const named = host ?? bare;
  const number = port === undefined ? undefined : Number(port);
  if (named === undefined || (number !== undefined && (number < 1 || number > 65_535))) {
    return fail({
      kind: 'usage',
      message: `${JSON.stringify(text)} is not [user@]host[:port]`,
      hint: 'for example alice@login.cluster.example, or a Host of your ssh configuration',
    });
  }
  return ok({ host: named, ...given('user', user), ...given('port', number) });
}
