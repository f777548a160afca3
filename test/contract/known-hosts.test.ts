import { execFile, execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { judgeHostKey, parseKnownHosts, type HostKeyVerdict } from '../../src/core/ssh/known-hosts.ts';
import { cases, hashed, type Keys } from '../support/known-hosts-cases.ts';
import { createSshHome, sshdMissing, type SshHome } from '../support/sshd.ts';

/*
 * OpenSSH itself is the reference: a real ssh talks to a real sshd, with a known_hosts file of every case, and has to
 * come to the same verdict as our function. The sshd runs as the ProxyCommand, so that host and port can be anything.
 */

let home: SshHome;
let keys: Keys;
let presented: string;
let count = 0;

beforeAll(() => {
  if (sshdMissing !== undefined) return;
  home = createSshHome();
  mkdirSync('/run/sshd', { recursive: true });
  for (const name of ['host', 'other', 'user']) home.key(name);
  home.key('ecdsa', { type: 'ecdsa' });
  home.key('rsa', { type: 'rsa' });
  keys = {
    host: home.publicKey('host'),
    other: home.publicKey('other'),
    ecdsa: home.publicKey('ecdsa'),
    rsa: home.publicKey('rsa'),
  };
  presented = keys.host.split(' ')[1] ?? '';
  home.write(
    'sshd_config',
    [
      `HostKey ${home.path('host')}`,
      `AuthorizedKeysFile ${home.path('user.pub')}`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      'LogLevel QUIET',
      '',
    ].join('\n'),
  );
});

afterAll(() => {
  if (sshdMissing === undefined) home.remove();
});

const options = () => [
  '-F',
  'none',
  '-i',
  home.path('user'),
  ...[
    'StrictHostKeyChecking=yes',
    'BatchMode=yes',
    'GlobalKnownHostsFile=none',
    'UpdateHostKeys=no',
    `ProxyCommand=/usr/sbin/sshd -i -f ${home.path('sshd_config')}`,
  ].flatMap((option) => ['-o', option]),
];

/** OpenSSH's verdict on the host's key. It has no word for an authority without a certificate: there it is unknown. */
function verdictOfSsh(text: string, name: string, port: number): Promise<string> {
  const file = home.write(`known-${count++}`, text);
  const args = [...options(), '-o', `UserKnownHostsFile=${file}`, '-p', String(port), name, 'echo connected'];
  return new Promise((resolve) => {
    execFile('ssh', args, (_error, stdout, stderr) => {
      if (stdout.includes('connected')) resolve('known');
      else if (/marked as revoked|REVOKED HOST KEY/.test(stderr)) resolve('revoked');
      else if (stderr.includes('HOST IDENTIFICATION HAS CHANGED')) resolve('changed');
      else if (stderr.includes('host key is known for')) resolve('unknown');
      else resolve(`?? ${stderr}`);
    });
  });
}

const hash = (salt: string, text: string) =>
  createHmac('sha1', Buffer.from(salt, 'base64')).update(text).digest('base64');

const ours = (text: string, name: string, port: number): HostKeyVerdict['kind'] =>
  judgeHostKey(parseKnownHosts(text, 'f'), { name: name.toLowerCase(), port }, presented, hash).kind;

describe.skipIf(sshdMissing !== undefined)('OpenSSH comes to the verdict of the table', () => {
  test.concurrent.each(cases)('$title', async ({ text, verdict, name = 'login.example.org', port = 22 }) => {
    const expected = verdict === 'certificate' ? 'unknown' : verdict;
    expect(await verdictOfSsh(text(keys), name, port)).toBe(expected);
  });
});

/** Files of plausible and broken lines. */
function generatedFile(): fc.Arbitrary<string> {
  const name = fc.oneof(
    fc.constantFrom(
      'login.example.org',
      'LOGIN.example.ORG',
      '*.example.org',
      '*',
      'login.example.or?',
      'x',
      '!x',
    ),
    fc.constantFrom(
      '!login.example.org',
      '!*',
      '[login.example.org]:2222',
      '[*]:2222',
      '[login.example.org]:22',
      '',
    ),
  );
  const hosts = fc.oneof(
    fc.array(name, { minLength: 1, maxLength: 3 }).map((list) => list.join(',')),
    fc.constantFrom(hashed('login.example.org'), hashed('[login.example.org]:2222'), hashed('x'), '|1|x|y'),
  );
  const key = fc.constantFrom<(k: Keys) => string>(
    (k) => k.host,
    (k) => k.host,
    (k) => k.other,
    (k) => k.rsa,
    (k) => k.host.slice(0, -5),
    (k) => `ssh-rsa ${k.other.slice(12)}`,
  );
  const marker = fc.constantFrom('', '', '', '', '', '@revoked ', '@cert-authority ', '@else ', '# ', ' ');
  const end = fc.constantFrom('\n', '\n', '\r\n', ' a comment\n', '\t\n');
  const line = fc.tuple(marker, hosts, key, end).map(
    ([m, h, k, e]) =>
      (all: Keys) =>
        `${m}${h} ${k(all)}${e}`,
  );
  return fc.array(line, { maxLength: 4 }).map((list) => list.map((one) => one(keys)).join(''));
}

describe.skipIf(sshdMissing !== undefined)('generated files', () => {
  test('ssh and we agree', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constant(undefined).chain(generatedFile),
        fc.constantFrom(22, 2222),
        async (text, port) => {
          const mine = ours(text, 'login.example.org', port);
          const theirs = await verdictOfSsh(text, 'login.example.org', port);
          expect(mine === 'certificate' ? 'unknown' : mine).toBe(theirs);
        },
      ),
      { numRuns: 40, endOnFailure: true },
    );
  }, 120_000);

  test('ssh-keygen -F finds the same lines', () => {
    fc.assert(
      fc.property(fc.constant(undefined).chain(generatedFile), (text) => {
        const file = home.write('keygen-known', text);
        let found: string;
        try {
          found = execFileSync('ssh-keygen', ['-F', 'login.example.org', '-f', file], {
            encoding: 'utf8',
            stdio: 'pipe',
          });
        } catch {
          found = '';
        }
        // The lines that ssh-keygen prints are those of the host: alone, for every name, they lead to the same verdict.
        const entries = parseKnownHosts(found, 'f').map((entry) => ({ ...entry, hosts: '*' }));
        const expected = judgeHostKey(entries, { name: 'login.example.org', port: 22 }, presented, hash).kind;
        expect(ours(text, 'login.example.org', 22)).toBe(expected);
      }),
      { numRuns: 300, endOnFailure: true },
    );
  }, 120_000);
});
