import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveConfig } from '../../src/core/ssh/config.ts';
import { includedFiles } from '../../src/effects/remote/ssh-config-files.ts';
import { createSshHome, type SshHome } from '../support/sshd.ts';

/* `ssh -G` is the reference for how a configuration is read. */

interface ConfigCase {
  readonly title: string;
  readonly text: string;
  /** Default `login`. */
  readonly host?: string;
  readonly user?: string;
  readonly port?: number;
}

const cases: readonly ConfigCase[] = [
  { title: 'nothing', text: '' },
  { title: 'a host', text: 'Host login\n  HostName login.example.org\n  User me\n  Port 2222\n' },
  { title: 'the first value wins', text: 'Host login\n User a\nHost *\n User b\n Port 7\n' },
  { title: 'options above every host', text: 'User top\nHost login\n User below\n' },
  { title: 'a wildcard', text: 'Host log*\n User star\nHost log??\n Port 3\nHost log?\n Port 4\n' },
  { title: 'a question mark is one character', text: 'Host login?\n User no\nHost logi?\n User yes\n' },
  { title: 'a negated pattern', text: 'Host * !login\n User others\nHost *\n Port 5\n' },
  { title: 'a negated pattern first', text: 'Host !login *\n User others\n' },
  { title: 'a negated pattern alone', text: 'Host !other\n User never\n' },
  { title: 'several patterns', text: 'Host a login b\n User one\n' },
  { title: 'patterns with commas are one pattern', text: 'Host a,login\n User no\n' },
  { title: 'letter case of patterns counts', text: 'Host LOGIN\n User upper\nHost login\n Port 8\n' },
  { title: 'letter case of the typed host counts', text: 'Host login\n User lower\n', host: 'LOGIN' },
  {
    title: 'keywords in any case, with equal signs',
    text: 'hOsT=login\n\tUSER = "me"\n\tport=99\n  hostname   =  h\n',
  },
  { title: 'quotes', text: 'Host "login"\n IdentityFile "/a key/with spaces"\n User \'single\'\n' },
  { title: 'backslashes', text: 'Host login\n IdentityFile /a\\ b\n IdentityFile "/q\\"uote"\n' },
  { title: 'comments', text: '# one\nHost login # two\n User me # three\n  # four\n Port 9\n' },
  { title: 'a hash inside a word', text: 'Host login\n User a#b\n' },
  { title: 'CR LF', text: 'Host login\r\n  User me\r\n  Port 12\r\n' },
  { title: 'tabs', text: 'Host\tlogin\tother\n\tUser\tme\t\n' },
  { title: '%h in HostName', text: 'Host login\n HostName %h.example.org\n' },
  { title: '%% in HostName', text: 'Host login\n HostName %h%%x\n' },
  {
    title: 'several identity files',
    text: 'Host login\n IdentityFile ~/a\nHost *\n IdentityFile ~/b\n IdentityFile ~/a\n',
  },
  {
    title: 'IdentitiesOnly and an agent',
    text: 'Host *\n IdentitiesOnly yes\n IdentityAgent /agent.sock\n',
  },
  { title: 'no agent', text: 'Host *\n IdentityAgent none\n' },
  { title: 'a jump', text: 'Host login\n ProxyJump me@gate:22,[::1]:23\nHost *\n ProxyJump other\n' },
  { title: 'no jump', text: 'Host login\n ProxyJump none\nHost *\n ProxyJump other\n' },
  {
    title: 'a command before a jump',
    text: 'Host login\n ProxyCommand nc %h %p\nHost *\n ProxyJump other\n',
  },
  { title: 'a jump before a command', text: 'Host login\n ProxyJump gate\nHost *\n ProxyCommand nc %h %p\n' },
  { title: 'no command before a jump', text: 'Host login\n ProxyCommand none\nHost *\n ProxyJump gate\n' },
  {
    title: 'known hosts files',
    text: 'Host *\n UserKnownHostsFile /a /b\n GlobalKnownHostsFile /c\n HashKnownHosts yes\n',
  },
  { title: 'host key checking', text: 'Host *\n StrictHostKeyChecking accept-new\n HostKeyAlias Alias\n' },
  {
    title: 'times',
    text: 'Host *\n ConnectTimeout 1m30s\n ServerAliveInterval 2m\n ServerAliveCountMax 7\n',
  },
  { title: 'Match host', text: 'Match host login\n User m\nMatch host other\n Port 1\n' },
  {
    title: 'Match host sees HostName',
    text: 'Host login\n HostName real.example.org\nMatch host real.*\n User m\nMatch host login\n Port 1\n',
  },
  { title: 'Match originalhost', text: 'Host login\n HostName real\nMatch originalhost login\n User m\n' },
  { title: 'Match with a list', text: 'Match host "a,log*,!x"\n User m\n' },
  { title: 'Match with a negated list', text: 'Match host *,!login\n User m\n' },
  { title: 'Match negated', text: 'Match !host other\n User m\nMatch !host login\n Port 1\n' },
  { title: 'Match user', text: 'Match user alice\n Port 1\nMatch user bob\n Port 2\n', user: 'bob' },
  { title: 'Match localuser', text: `Match localuser ${userInfo().username}\n Port 1\n` },
  { title: 'Match all', text: 'Match all\n User m\n' },
  {
    title: 'Match with two criteria',
    text: 'Match host login user bob\n Port 1\nMatch host login user me\n Port 2\n',
    user: 'me',
  },
  {
    title: 'Match final',
    text: 'Host login\n HostName real\nMatch final host real\n User late\nHost real\n Port 77\n',
  },
  { title: 'Match ends a Host block', text: 'Host other\n User no\nMatch all\n Port 6\n' },
  {
    title: 'user and port of the command line',
    text: 'Host *\n User file\n Port 1\n',
    user: 'given',
    port: 2200,
  },
  { title: 'an Include', text: 'Include @/included\nHost *\n User late\n' },
  { title: 'an Include in a block that applies', text: 'Host login\n Include @/included\nHost *\n Port 1\n' },
  {
    title: 'an Include in a block that does not',
    text: 'Host other\n Include @/included\nHost *\n Port 1\n',
  },
  { title: 'an Include of many, sorted', text: 'Include @/inc-*.conf\nHost *\n User last\n' },
  { title: 'an Include of nothing', text: 'Include @/missing-*\nUser me\n' },
  { title: 'Host blocks of an Include end with it', text: 'Host login\n Include @/blocks\n User after\n' },
  {
    title: 'password and keyboard off',
    text: 'Host *\n PasswordAuthentication no\n KbdInteractiveAuthentication no\n PreferredAuthentications publickey,password\n',
  },
  { title: 'an address family', text: 'AddressFamily inet6\n' },
];

/** The options that are used, as `ssh -G` names them. */
const compared = [
  'user',
  'port',
  'proxyjump',
  'proxycommand',
  'identitiesonly',
  'identityagent',
  'userknownhostsfile',
  'globalknownhostsfile',
  'stricthostkeychecking',
  'hostkeyalias',
  'connecttimeout',
  'serveraliveinterval',
  'serveralivecountmax',
  'hashknownhosts',
  'passwordauthentication',
  'kbdinteractiveauthentication',
  'preferredauthentications',
  'addressfamily',
  'batchmode',
];

const missing = !existsSync('/usr/bin/ssh');
let home: SshHome;
let defaults: ReadonlyMap<string, readonly string[]>;

/** `keyword → values` of `ssh -G`. */
function readBySsh({ text, host = 'login', user, port }: ConfigCase): ReadonlyMap<string, readonly string[]> {
  const file = home.write('config', text.replaceAll('@/', `${home.directory}/`));
  const args = [
    '-G',
    '-F',
    file,
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    host,
  ];
  const output = execFileSync('ssh', args, { encoding: 'utf8', stdio: 'pipe' });
  const values = new Map<string, string[]>();
  for (const line of output.trim().split('\n')) {
    const at = line.indexOf(' ');
    const keyword = line.slice(0, at);
    values.set(keyword, [...(values.get(keyword) ?? []), line.slice(at + 1)]);
  }
  return values;
}

function readByUs({ text, host = 'login', user, port }: ConfigCase) {
  return resolveConfig({
    host,
    localUser: userInfo().username,
    given: { ...(user === undefined ? {} : { user }), ...(port === undefined ? {} : { port: String(port) }) },
    files: [{ path: home.path('config'), text: text.replaceAll('@/', `${home.directory}/`) }],
    include: (pattern, path) =>
      includedFiles(pattern, path, { homeDirectory: home.directory, environment: {} }),
  });
}

/** `ssh -G` prints times in seconds, and flags as it likes. */
function normal(keyword: string, value: string): string {
  const seconds: Readonly<Record<string, string>> = { '1m30s': '90', '2m': '120' };
  // OpenSSH looks an alias up in lower case.
  if (keyword === 'hostkeyalias') return value.toLowerCase();
  if (keyword === 'stricthostkeychecking') return value === 'yes' ? 'true' : value;
  return seconds[value] ?? value;
}

function compare(one: ConfigCase): void {
  const theirs = readBySsh(one);
  const ours = readByUs(one);
  for (const keyword of compared) {
    const value = ours.values.get(keyword)?.join(' ');
    // `ProxyCommand none` switches a proxy off, and is printed as nothing.
    const expected =
      theirs.get(keyword)?.[0] ?? (keyword.startsWith('proxy') && value === 'none' ? 'none' : undefined);
    const actual = value === undefined ? defaults.get(keyword)?.[0] : normal(keyword, value);
    expect([keyword, actual]).toEqual([keyword, expected]);
  }
  compareNames(one, theirs, ours);
}

function compareNames(
  { host = 'login' }: ConfigCase,
  theirs: ReadonlyMap<string, readonly string[]>,
  ours: ReturnType<typeof readByUs>,
): void {
  const hostName = ours.values.get('hostname')?.[0] ?? host;
  const expanded = hostName.replace(/%([h%])/g, (_, token: string) => (token === 'h' ? host : '%'));
  expect(expanded.toLowerCase()).toBe(theirs.get('hostname')?.[0]);
  const files = ours.identityFiles.length === 0 ? defaults.get('identityfile') : ours.identityFiles;
  expect(files).toEqual(theirs.get('identityfile'));
}

beforeAll(() => {
  if (missing) return;
  home = createSshHome();
  home.write('included', 'User included\nHost login\n  IdentityFile /included/login\n');
  home.write('inc-2.conf', 'User second\nPort 22022\n');
  home.write('inc-1.conf', 'User first\n');
  home.write('.inc-0.conf', 'User hidden\n');
  home.write(
    'blocks',
    'Host other\n  Port 1\nHost login\n  IdentityFile /blocks\nHost nobody\n  User nobody\n',
  );
  defaults = readBySsh({ title: '', text: '' });
});

afterAll(() => {
  if (!missing) home.remove();
});

describe.skipIf(missing)('a configuration is read as ssh -G reads it', () => {
  test.each(cases)('$title', compare);

  test('generated configurations', () => {
    const pattern = fc.constantFrom(
      'login',
      '*',
      'log*',
      '!login',
      '!other',
      'other',
      'l?gin',
      'LOGIN',
      '"login"',
    );
    const header = fc.oneof(
      fc.array(pattern, { minLength: 1, maxLength: 3 }).map((list) => `Host ${list.join(' ')}`),
      fc
        .tuple(
          fc.constantFrom('host', '!host', 'originalhost', 'user', '!user'),
          fc.constantFrom('login', 'real', '*', 'me', '*,!login'),
        )
        .map((pair) => `Match ${pair.join(' ')}`),
      fc.constantFrom('Match all', 'Include @/included', 'Include @/blocks', '# nothing', ''),
    );
    const option = fc.oneof(
      fc.constantFrom(
        'User me',
        'User = you',
        'Port 1',
        'Port=2 # two',
        'HostName real',
        'HostName %h.x',
        'IdentityFile ~/k1',
        'IdentityFile "/k 2"',
      ),
      fc.constantFrom(
        'ProxyJump a,b',
        'ProxyJump none',
        'ProxyCommand nc %h',
        'IdentitiesOnly yes',
        'ConnectTimeout 5',
        'HostKeyAlias x',
      ),
    );
    const block = fc
      .tuple(header, fc.array(option, { maxLength: 3 }))
      .map(([first, rest]) => [first, ...rest].join('\n  '));
    const text = fc.array(block, { maxLength: 4 }).map((blocks) => `${blocks.join('\n')}\n`);
    fc.assert(
      fc.property(text, (config) => compare({ title: config, text: config })),
      { numRuns: 200, endOnFailure: true },
    );
  }, 60_000);
});

describe.skipIf(missing)('what only OpenSSH can evaluate is said', () => {
  test('Match exec, where it could decide', () => {
    expect(readByUs({ title: '', text: 'Match exec "true"\n User x\n' }).undecided).toEqual(['Match exec']);
    expect(readByUs({ title: '', text: 'Match host login exec "true"\n User x\n' }).undecided).toEqual([
      'Match exec',
    ]);
  });

  test('not where an earlier criterion has decided already', () => {
    expect(readByUs({ title: '', text: 'Match host other exec "true"\n User x\n' }).undecided).toEqual([]);
  });
});
