/** What the tokens of ssh_config(5) stand for. */
export interface Tokens {
  /** `%h`: the resolved host name. */
  readonly hostName: string;
  /** `%n`: the host as it was typed. */
  readonly originalHost: string;
  readonly port: number;
  /** `%r`: the user on the remote. */
  readonly user: string;
  readonly localUser: string;
  /** `%i` */
  readonly userId: number;
  /** `%l` */
  readonly localHost: string;
  /** `%d`, and what `~` stands for. */
  readonly home: string;
  readonly hostKeyAlias: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Expands `~`, `%` tokens and `${VARIABLE}` in a path of ssh_config. Undefined where a token or a variable has no
 * meaning here: OpenSSH ends with an error there.
 */
export function expandPath(text: string, tokens: Tokens): string | undefined {
  const tilde = text.replace(/^~(?=\/|$)/, () => tokens.home);
  const pieces = tilde.split(/(%.|\$\{[^}]*\})/).map((piece) => {
    if (piece.startsWith('%')) return tokenValue(piece.slice(1), tokens);
    return piece.startsWith('${') ? tokens.environment[piece.slice(2, -1)] : piece;
  });
  return pieces.includes(undefined) ? undefined : pieces.join('');
}

function tokenValue(token: string, tokens: Tokens): string | undefined {
  const values: Readonly<Record<string, string>> = {
    '%': '%',
    d: tokens.home,
    h: tokens.hostName,
    i: String(tokens.userId),
    k: tokens.hostKeyAlias ?? tokens.hostName,
    L: tokens.localHost.replace(/\..*$/, ''),
    l: tokens.localHost,
    n: tokens.originalHost,
    p: String(tokens.port),
    r: tokens.user,
    u: tokens.localUser,
  };
  return values[token];
}

/** `[user@]host[:port]`, `ssh://…` or a bracketed IPv6 address, as ProxyJump takes them. */
export interface JumpHop {
  readonly host: string;
  readonly user: string | undefined;
  readonly port: number | undefined;
}

/** Reads a ProxyJump value; undefined where it isn't one. */
export function parseJumps(value: string): readonly JumpHop[] | undefined {
  const hops = value.split(',').map(parseJump);
  return hops.every((hop) => hop !== undefined) ? hops : undefined;
}

function parseJump(text: string): JumpHop | undefined {
  const match = /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:@[\]]+))(?::(\d+))?\/?$/.exec(text.trim());
  const host = match?.[2] ?? match?.[3];
  if (host === undefined || host.startsWith('-')) return undefined;
  return { host, user: match?.[1], port: match?.[4] === undefined ? undefined : Number(match[4]) };
}

/** Seconds of an ssh time such as `30`, `1m30s` or `2h`; undefined for `none` and for what isn't a time. */
export function parseSeconds(text: string): number | undefined {
  if (!/^(?:\d+[smhdw]?)+$/i.test(text)) return undefined;
  const factors: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
  return [...text.matchAll(/(\d+)([smhdw]?)/gi)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (factors[(unit ?? '').toLowerCase()] ?? 1),
    0,
  );
}
