import { matchHostName } from './patterns.ts';

/** One usable line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). Malformed lines are left out, as OpenSSH does. */
export interface KnownHost {
  /** File and line, for messages: `/home/me/.ssh/known_hosts:3`. */
  readonly where: string;
  readonly marker: 'none' | 'revoked' | 'cert-authority';
  /** The host field: a pattern list, or `|1|salt|hash`. */
  readonly hosts: string;
  readonly type: string;
  /** The key, base64. */
  readonly key: string;
}

/** A host as it is looked up: the name, and the port that the connection goes to. */
export interface HostIdentity {
  /** HostKeyAlias where there is one, else the resolved host name in lower case. */
  readonly name: string;
  /** Undefined where HostKeyAlias replaces name and port. */
  readonly port: number | undefined;
}

/** What the known_hosts files say about a key that a host presents. */
export type HostKeyVerdict =
  | { readonly kind: 'known' }
  /** Nothing is recorded for the name. */
  | { readonly kind: 'unknown' }
  /** Only other keys are recorded for the name, of whatever type. */
  | { readonly kind: 'changed'; readonly where: string }
  | { readonly kind: 'revoked'; readonly where: string }
  /** No plain key is recorded, but a certificate authority is. */
  | { readonly kind: 'certificate'; readonly where: string };

/** HMAC-SHA1 of `text` under the base64 `salt`, as base64: how hashed host names are made. */
export type HostHash = (salt: string, text: string) => string;

/** Reads the lines of a known_hosts file. */
export function parseKnownHosts(text: string, file: string): readonly KnownHost[] {
  return text.split('\n').flatMap((line, index) => {
    const entry = parseLine(line, `${file}:${index + 1}`);
    return entry === undefined ? [] : [entry];
  });
}

function parseLine(line: string, where: string): KnownHost | undefined {
  const [, mark, rest = ''] = /^[ \t]*(?:@(\S*)[ \t]+)?(.*)$/s.exec(line) ?? [];
  const marker = markerOf(mark);
  if (marker === undefined || rest.startsWith('#') || rest.startsWith('@')) return undefined;
  const [, hosts = '', type = '', encoded = ''] = /^([^ \t]+)[ \t]+([^ \t]+)[ \t]+([^ \t]+)/.exec(rest) ?? [];
  const key = encoded.replace(/\s+/g, '');
  return key !== '' && keyTypeOf(key) === type ? { where, marker, hosts, type, key } : undefined;
}

function markerOf(mark: string | undefined): KnownHost['marker'] | undefined {
  if (mark === undefined) return 'none';
  return mark === 'revoked' || mark === 'cert-authority' ? mark : undefined;
}

/** The bytes of canonical base64, one per character; OpenSSH takes no other form: with padding, without stray bits. */
function decodeBase64(text: string): string | undefined {
  try {
    const bytes = atob(text);
    return btoa(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** The type that stands inside a public key (RFC 4253 §6.6); undefined where the base64 isn't that of a key. */
export function keyTypeOf(key: string): string | undefined {
  const bytes = decodeBase64(key);
  if (bytes === undefined || bytes.length < 4) return undefined;
  const length = [0, 1, 2, 3].reduce((sum, at) => sum * 256 + bytes.charCodeAt(at), 0);
  const type = bytes.slice(4, 4 + length);
  return length > 0 && type.length === length && bytes.length > 4 + length ? type : undefined;
}

/** The form of a name in known_hosts: bare for port 22, `[name]:port` for others. */
export function knownHostName(identity: HostIdentity): string {
  const { name, port } = identity;
  return port === undefined || port === 22 ? name : `[${name}]:${port}`;
}

/** The length of HMAC-SHA1's salt that OpenSSH insists on. */
const saltBytes = 20;

function names(entry: KnownHost, name: string, hash: HostHash): boolean {
  if (!entry.hosts.startsWith('|')) return matchHostName(name, entry.hosts) === 'matched';
  const [, salt = '', expected = ''] = /^\|1\|([^|]+)\|([^|]+)$/.exec(entry.hosts) ?? [];
  return decodeBase64(salt)?.length === saltBytes && hash(salt, name) === expected;
}

/**
 * OpenSSH's verdict on `key` (base64) of a host (sshconnect.c `check_host_key`, hostfile.c `check_hostkeys_by_key_or_type`).
 * Every recorded key of the name is looked at: one that equals is enough, a revoked one is never.
 */
export function judgeHostKey(
  entries: readonly KnownHost[],
  identity: HostIdentity,
  key: string,
  hash: HostHash,
): HostKeyVerdict {
  const verdict = judgeName(entries, knownHostName(identity), key, hash);
  if (verdict.kind !== 'unknown' && verdict.kind !== 'certificate') return verdict;
  if (identity.port === undefined || identity.port === 22) return verdict;
  // OpenSSH then takes a key that is recorded for the bare name, but only to accept it.
  const bare = judgeName(entries, identity.name, key, hash);
  return bare.kind === 'known' || bare.kind === 'revoked' ? bare : verdict;
}

function judgeName(entries: readonly KnownHost[], name: string, key: string, hash: HostHash): HostKeyVerdict {
  const mine = entries.filter((entry) => names(entry, name, hash));
  const revoked = mine.find((entry) => entry.marker === 'revoked' && entry.key === key);
  if (revoked !== undefined) return { kind: 'revoked', where: revoked.where };
  const plain = mine.filter((entry) => entry.marker === 'none');
  if (plain.some((entry) => entry.key === key)) return { kind: 'known' };
  const [other] = plain;
  if (other !== undefined) return { kind: 'changed', where: other.where };
  const authority = mine.find((entry) => entry.marker === 'cert-authority');
  if (authority !== undefined) return { kind: 'certificate', where: authority.where };
  return { kind: 'unknown' };
}

/** The key types that are recorded for a host, in the order of the files: they are asked for first. */
export function knownKeyTypes(
  entries: readonly KnownHost[],
  identity: HostIdentity,
  hash: HostHash,
): readonly string[] {
  const wanted = [knownHostName(identity), identity.name];
  const types = wanted.flatMap((name) =>
    entries.filter((entry) => entry.marker === 'none' && names(entry, name, hash)).map((entry) => entry.type),
  );
  return [...new Set(types)];
}
