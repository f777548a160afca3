import { hostname, userInfo } from 'node:os';
import type { Failure } from '../../core/failure.ts';
import type { RemoteTarget } from '../../core/ports.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { resolveConfig, type ResolvedConfig } from '../../core/ssh/config.ts';
import { expandPath, parseJumps, parseSeconds, type JumpHop, type Tokens } from '../../core/ssh/expand.ts';
import type { HostIdentity } from '../../core/ssh/known-hosts.ts';
import { readConfigFiles, includedFiles } from './ssh-config-files.ts';

/** Where the user's ssh files and variables are. */
export interface SshEnvironment {
  readonly homeDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Everything that is needed to reach one host, resolved as OpenSSH would. */
export interface SshSettings {
  /** The host as the user names it. */
  readonly host: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** Under which name and port its key is looked up. */
  readonly identity: HostIdentity;
  readonly family: 0 | 4 | 6;
  readonly connectTimeoutMs: number;
  /** Undefined where the user has set none. */
  readonly aliveIntervalMs: number | undefined;
  readonly aliveCount: number;
  /** Never weaker than `accept-new`: a changed key is refused whatever the files say. */
  readonly strictHostKeyChecking: 'yes' | 'ask' | 'accept-new';
  /** The first one is where new keys are written; none where the user has switched them off. */
  readonly userKnownHosts: readonly string[];
  readonly globalKnownHosts: readonly string[];
  readonly hashKnownHosts: boolean;
  readonly identityFiles: readonly string[];
  /** Whether the user named the files, so that a missing one is worth a word. */
  readonly identityFilesGiven: boolean;
  readonly identitiesOnly: boolean;
  /** The agent's socket; undefined for none. */
  readonly agent: string | undefined;
  readonly methods: readonly ('publickey' | 'keyboard-interactive' | 'password')[];
  readonly batchMode: boolean;
  /** The hosts to go through, the nearest first. */
  readonly jumps: readonly JumpHop[];
}

const defaultConnectTimeoutMs = 30_000;
/** ssh_config(5), IdentityFile; without the hardware keys and XMSS, which ssh2 has not. */
const defaultIdentityFiles = ['~/.ssh/id_rsa', '~/.ssh/id_ecdsa', '~/.ssh/id_ed25519'];
const defaultUserKnownHosts = ['~/.ssh/known_hosts', '~/.ssh/known_hosts2'];
const defaultGlobalKnownHosts = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'];

/** Options that only OpenSSH itself can honour, and the values that switch them off. */
const opensshOnly: readonly (readonly [string, readonly string[]])[] = [
  ['proxycommand', ['none']],
  ['knownhostscommand', ['none']],
  ['canonicalizehostname', ['no', 'none', 'false']],
  ['revokedhostkeys', ['none']],
  ['pkcs11provider', ['none']],
];

/** Resolves the options of a host from the user's and the system's ssh configuration, unexpanded. */
export async function readOptions(
  target: RemoteTarget,
  where: SshEnvironment,
): Promise<Result<ResolvedConfig>> {
  const files = await readConfigFiles(target.configFile, where.homeDirectory);
  if (!files.ok) return files;
  const given: Record<string, string> = {};
  if (target.user !== undefined) given['user'] = target.user;
  if (target.port !== undefined) given['port'] = String(target.port);
  return ok(
    resolveConfig({
      host: target.host,
      localUser: userInfo().username,
      given,
      files: files.value,
      include: (pattern, file) => includedFiles(pattern, file, where),
    }),
  );
}

/** Resolves everything that is needed to reach a host. */
export async function readSettings(
  target: RemoteTarget,
  where: SshEnvironment,
): Promise<Result<SshSettings>> {
  const config = await readOptions(target, where);
  if (!config.ok) return config;
  const obstacle = onlyOpenSsh(config.value);
  if (obstacle !== undefined) return fail(opensshNeeded(target.host, obstacle));
  const { username: localUser, uid: userId } = userInfo();
  return settingsOf(target, config.value, { ...where, localUser, userId });
}

/** What in the configuration of a host only OpenSSH can evaluate. */
function onlyOpenSsh(config: ResolvedConfig): string | undefined {
  const option = opensshOnly.find(([keyword, off]) => {
    const value = config.values.get(keyword)?.[0];
    return value !== undefined && !off.includes(value.trim().toLowerCase());
  });
  return option?.[0] ?? config.undecided[0];
}

function opensshNeeded(host: string, option: string): Failure {
  return {
    kind: 'usage',
    message: `The ssh configuration of "${host}" uses ${option}, which the ssh2 transport can't evaluate.`,
    hint: 'Set "transport: openssh" in the cluster\'s profile: it uses the system\'s ssh program.',
  };
}

function invalid(host: string, option: string, value: string): Result<never> {
  const message = `The ssh configuration of "${host}" has ${option} "${value}", which can't be used.`;
  return fail({ kind: 'usage', message, hint: `"ssh -G ${host}" shows how OpenSSH reads it.` });
}

function settingsOf(
  target: RemoteTarget,
  config: ResolvedConfig,
  local: SshEnvironment & { readonly localUser: string; readonly userId: number },
): Result<SshSettings> {
  const value = (keyword: string) => config.values.get(keyword)?.[0];
  const hostName = (value('hostname') ?? target.host).replace(/%([h%])/g, (_, token) =>
    token === 'h' ? target.host : '%',
  );
  const port = Number(value('port') ?? 22);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    return invalid(target.host, 'Port', value('port') ?? '');
  }
  const user = value('user') ?? local.localUser;
  const alias = value('hostkeyalias');
  const tokens: Tokens = {
    hostName,
    originalHost: target.host,
    port,
    user,
    localUser: local.localUser,
    userId: local.userId,
    localHost: hostname(),
    home: local.homeDirectory,
    hostKeyAlias: alias,
    environment: local.environment,
  };
  const jumps = jumpsOf(value('proxyjump'));
  if (jumps === undefined) return invalid(target.host, 'ProxyJump', value('proxyjump') ?? '');
  const paths = pathsOf(target, config, tokens);
  if (!paths.ok) return paths;
  return ok({
    host: target.host,
    hostName,
    port,
    user,
    identity: identityOf(hostName, port, alias),
    jumps,
    ...choicesOf(value),
    ...paths.value,
  });
}

function identityOf(hostName: string, port: number, alias: string | undefined): HostIdentity {
  if (alias !== undefined) return { name: alias.toLowerCase(), port: undefined };
  return { name: hostName.toLowerCase(), port };
}

type Value = (keyword: string) => string | undefined;

/** The options that are chosen from a few values, or are a time. */
function choicesOf(
  value: Value,
): Omit<SshSettings, keyof Paths | 'host' | 'hostName' | 'port' | 'user' | 'identity' | 'jumps'> {
  const flag = (keyword: string) => /^(yes|true)$/i.test(value(keyword) ?? '');
  const seconds = (keyword: string) => parseSeconds(value(keyword) ?? '') ?? 0;
  return {
    family: familyOf(value('addressfamily')),
    connectTimeoutMs: seconds('connecttimeout') * 1000 || defaultConnectTimeoutMs,
    aliveIntervalMs: seconds('serveraliveinterval') * 1000 || undefined,
    aliveCount: Number(value('serveralivecountmax') ?? 3) || 3,
    strictHostKeyChecking: strictnessOf(value('stricthostkeychecking')),
    hashKnownHosts: flag('hashknownhosts'),
    identitiesOnly: flag('identitiesonly'),
    batchMode: flag('batchmode'),
    methods: methodsOf(value),
  };
}

type Paths = Pick<
  SshSettings,
  'userKnownHosts' | 'globalKnownHosts' | 'identityFiles' | 'identityFilesGiven' | 'agent'
>;

function pathsOf(target: RemoteTarget, config: ResolvedConfig, tokens: Tokens): Result<Paths> {
  const bad: string[] = [];
  const expand = (texts: readonly string[]) =>
    texts.flatMap((text) => {
      if (text.toLowerCase() === 'none') return [];
      const path = expandPath(text, tokens);
      if (path === undefined) bad.push(text);
      return path ?? [];
    });
  const listed = [
    ...(target.identityFile === undefined ? [] : [target.identityFile]),
    ...config.identityFiles,
  ];
  const identityFilesGiven = listed.length > 0;
  const paths = {
    userKnownHosts: expand(config.values.get('userknownhostsfile') ?? defaultUserKnownHosts),
    globalKnownHosts: expand(config.values.get('globalknownhostsfile') ?? defaultGlobalKnownHosts),
    identityFiles: expand(identityFilesGiven ? listed : defaultIdentityFiles),
    identityFilesGiven,
    agent: agentOf(config.values.get('identityagent')?.[0], tokens),
  };
  const [first] = bad;
  return first === undefined ? ok(paths) : invalid(target.host, 'the path', first);
}

function agentOf(option: string | undefined, tokens: Tokens): string | undefined {
  if (option?.toLowerCase() === 'none') return undefined;
  if (option === undefined || option === 'SSH_AUTH_SOCK') return tokens.environment['SSH_AUTH_SOCK'];
  if (option.startsWith('$') && !option.startsWith('${')) return tokens.environment[option.slice(1)];
  return expandPath(option, tokens);
}

function jumpsOf(value: string | undefined): readonly JumpHop[] | undefined {
  return value === undefined || value.toLowerCase() === 'none' ? [] : parseJumps(value);
}

function familyOf(value: string | undefined): 0 | 4 | 6 {
  if (value?.toLowerCase() === 'inet') return 4;
  return value?.toLowerCase() === 'inet6' ? 6 : 0;
}

/** What a value of StrictHostKeyChecking amounts to here. */
export function strictnessOf(value: string | undefined): SshSettings['strictHostKeyChecking'] {
  switch (value?.toLowerCase()) {
    case 'yes':
    case 'true':
      return 'yes';
    // OpenSSH would record an unknown key without asking, and go on in spite of a changed one: we do the first alone.
    case 'no':
    case 'off':
    case 'false':
    case 'accept-new':
      return 'accept-new';
    default:
      return 'ask';
  }
}

function methodsOf(value: Value): SshSettings['methods'] {
  const off = (keyword: string) => /^(no|false)$/i.test(value(keyword) ?? '');
  const preferred = value('preferredauthentications')?.split(',');
  const methods = [
    { method: 'publickey', off: off('pubkeyauthentication') },
    {
      method: 'keyboard-interactive',
      off: off('kbdinteractiveauthentication') || off('challengeresponseauthentication'),
    },
    { method: 'password', off: off('passwordauthentication') },
  ] as const;
  return methods
    .filter((entry) => !entry.off && (preferred?.includes(entry.method) ?? true))
    .map((entry) => entry.method);
}
