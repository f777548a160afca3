import type { ConfigFile, ConfigLine } from './config-lines.ts';
import { parseConfigLine } from './config-lines.ts';
import { matchHostName, matchPattern, matchPatternList } from './patterns.ts';

/** What a host's configuration is resolved from. */
export interface ConfigQuery {
  /** The host as the user typed it, without `user@`. */
  readonly host: string;
  readonly localUser: string;
  /** Options that stand above every file, as `ssh -o` does: keyword in lower case. */
  readonly given: Readonly<Record<string, string>>;
  /** The user's file, then the system's. */
  readonly files: readonly ConfigFile[];
  /** The files that an `Include` of `file` names, in order. */
  readonly include: (pattern: string, file: string) => readonly ConfigFile[];
}

/** The options of a host, unexpanded, under their keyword in lower case. The first value wins, as in OpenSSH. */
export interface ResolvedConfig {
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** IdentityFile and CertificateFile add up instead. */
  readonly identityFiles: readonly string[];
  readonly certificateFiles: readonly string[];
  /** What decides here and that only OpenSSH itself can evaluate, such as `Match exec`. */
  readonly undecided: readonly string[];
}

/** OpenSSH's READCONF_MAX_DEPTH. */
const maxIncludeDepth = 16;
/** Options whose single value is the rest of the line. */
const commandOptions = new Set(['proxycommand', 'knownhostscommand', 'localcommand', 'remotecommand']);

/** Mutable while the files are read; never leaves this module. */
interface Reading {
  readonly query: ConfigQuery;
  readonly values: Map<string, readonly string[]>;
  readonly identityFiles: string[];
  readonly certificateFiles: string[];
  readonly undecided: Set<string>;
  /** What `Host` and `Match host` compare with in this pass. */
  host: string;
  finalPass: boolean;
  wantsFinalPass: boolean;
}

/** Resolves the options of a host as `ssh -G` does. */
export function resolveConfig(query: ConfigQuery): ResolvedConfig {
  const reading: Reading = {
    query,
    values: new Map(Object.entries(query.given).map(([keyword, value]) => [keyword, [value]])),
    identityFiles: [],
    certificateFiles: [],
    undecided: new Set(),
    host: query.host,
    finalPass: false,
    wantsFinalPass: false,
  };
  for (const file of query.files) readFile(reading, file, true, 0);
  if (reading.wantsFinalPass) {
    reading.finalPass = true;
    reading.host = hostNameOf(reading);
    for (const file of query.files) readFile(reading, file, true, 0);
  }
  return {
    values: reading.values,
    identityFiles: reading.identityFiles,
    certificateFiles: reading.certificateFiles,
    undecided: [...reading.undecided],
  };
}

function hostNameOf(reading: Reading): string {
  const hostName = reading.values.get('hostname')?.[0];
  return (hostName?.replaceAll('%h', reading.query.host) ?? reading.query.host).toLowerCase();
}

/** `reachable` is false for a file that is included by a block that doesn't apply: no block in it can either. */
function readFile(reading: Reading, file: ConfigFile, reachable: boolean, depth: number): void {
  if (depth > maxIncludeDepth) return;
  let active = reachable;
  for (const text of file.text.split('\n')) {
    const line = parseConfigLine(text);
    if (line === undefined) continue;
    if (line.keyword === 'host') active = reachable && matchesHost(reading.host, line.words);
    else if (line.keyword === 'match') active = reachable && matches(reading, line.words);
    else if (line.keyword === 'include') {
      for (const pattern of line.words) {
        const files = reading.query.include(pattern, file.path);
        for (const included of files) readFile(reading, included, active, depth + 1);
      }
    } else if (active) setOption(reading, line);
  }
}

function matchesHost(host: string, patterns: readonly string[]): boolean {
  let matched = false;
  for (const pattern of patterns) {
    const negated = pattern.startsWith('!');
    if (!matchPattern(host, negated ? pattern.slice(1) : pattern)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

const criteriaWithoutValue = new Set(['all', 'canonical', 'final']);

function matches(reading: Reading, words: readonly string[]): boolean {
  let matched = true;
  for (let at = 0; at < words.length; at++) {
    const negated = words[at]?.startsWith('!') === true;
    const [name = '', attached] = (words[at] ?? '').slice(negated ? 1 : 0).split(/=(.*)/s);
    const criterion = name.toLowerCase();
    const value = criteriaWithoutValue.has(criterion) ? '' : (attached ?? words[++at] ?? '');
    // OpenSSH evaluates a criterion only while all before it hold; so a command that could not change anything is not asked for.
    if (!matched) continue;
    const holds = criterionHolds(reading, criterion, value);
    if (holds === undefined) reading.undecided.add(`Match ${criterion}`);
    matched = holds !== undefined && holds !== negated;
  }
  return matched;
}

/** Undefined where the criterion can't be evaluated here. */
function criterionHolds(reading: Reading, criterion: string, value: string): boolean | undefined {
  const { query } = reading;
  switch (criterion) {
    case 'all':
      return true;
    case 'final':
      reading.wantsFinalPass = true;
      return reading.finalPass;
    case 'canonical':
      // Without CanonicalizeHostname, OpenSSH's second pass is the one that `Match final` asks for.
      return reading.finalPass;
    case 'host':
      return matchHostName(reading.finalPass ? reading.host : hostNameOf(reading), value) === 'matched';
    case 'originalhost':
      return matchHostName(query.host, value) === 'matched';
    case 'user':
      return matchPatternList(reading.values.get('user')?.[0] ?? query.localUser, value) === 'matched';
    case 'localuser':
      return matchPatternList(query.localUser, value) === 'matched';
    default:
      return undefined;
  }
}

function setOption(reading: Reading, line: ConfigLine): void {
  const [first] = line.words;
  if (first === undefined) return;
  if (line.keyword === 'identityfile') addOnce(reading.identityFiles, first);
  else if (line.keyword === 'certificatefile') addOnce(reading.certificateFiles, first);
  else if (line.keyword === 'proxyjump' || line.keyword === 'proxycommand') setProxy(reading, line, first);
  else if (!reading.values.has(line.keyword)) {
    reading.values.set(line.keyword, commandOptions.has(line.keyword) ? [line.rest] : line.words);
  }
}

/** ProxyJump and ProxyCommand exclude each other: whichever comes first counts. `ProxyJump none` only keeps jumps out. */
function setProxy(reading: Reading, line: ConfigLine, first: string): void {
  const { values } = reading;
  const isJump = line.keyword === 'proxyjump';
  const jump = values.get('proxyjump')?.[0];
  if (values.has('proxycommand') || (jump !== undefined && (isJump || jump.toLowerCase() !== 'none'))) return;
  values.set(line.keyword, [isJump ? first : line.rest]);
}

function addOnce(list: string[], value: string): void {
  if (!list.includes(value)) list.push(value);
}
