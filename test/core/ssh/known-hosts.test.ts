import { createHmac, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  judgeHostKey,
  keyTypeOf,
  knownHostName,
  knownKeyTypes,
  parseKnownHosts,
} from '../../../src/core/ssh/known-hosts.ts';
import { cases, hashed, type Keys } from '../../support/known-hosts-cases.ts';

/** A string of the SSH wire format. */
function field(bytes: Buffer | string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(bytes));
  return Buffer.concat([length, Buffer.from(bytes)]);
}

function ed25519(): string {
  const raw = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  return `ssh-ed25519 ${Buffer.concat([field('ssh-ed25519'), field(raw)]).toString('base64')}`;
}

const keys: Keys = {
  host: ed25519(),
  other: ed25519(),
  ecdsa: `ecdsa-sha2-nistp256 ${Buffer.concat([field('ecdsa-sha2-nistp256'), field('nistp256'), field('a point')]).toString('base64')}`,
  rsa: `ssh-rsa ${Buffer.concat([field('ssh-rsa'), field('\x01\0\x01'), field('a modulus')]).toString('base64')}`,
};
const presented = keys.host.split(' ')[1] ?? '';
const hash = (salt: string, text: string) =>
  createHmac('sha1', Buffer.from(salt, 'base64')).update(text).digest('base64');

test('the table is as long as it has to be', () => {
  expect(cases.length).toBeGreaterThanOrEqual(60);
  expect(new Set(cases.map((one) => one.title)).size).toBe(cases.length);
});

test.each(cases)('$title: $verdict', ({ text, verdict, name = 'login.example.org', port = 22 }) => {
  const entries = parseKnownHosts(text(keys), 'known_hosts');
  expect(judgeHostKey(entries, { name: name.toLowerCase(), port }, presented, hash).kind).toBe(verdict);
});

describe('messages', () => {
  const judge = (text: string) =>
    judgeHostKey(
      parseKnownHosts(text, '/home/me/.ssh/known_hosts'),
      { name: 'h', port: 22 },
      presented,
      hash,
    );

  test('name the file and the line', () => {
    expect(judge(`# c\n\nh ${keys.other}\n`)).toEqual({
      kind: 'changed',
      where: '/home/me/.ssh/known_hosts:3',
    });
    expect(judge(`x ${keys.other}\n@revoked * ${keys.host}\n`)).toEqual({
      kind: 'revoked',
      where: '/home/me/.ssh/known_hosts:2',
    });
    expect(judge(`@cert-authority * ${keys.other}\n`)).toEqual({
      kind: 'certificate',
      where: '/home/me/.ssh/known_hosts:1',
    });
  });
});

test('HostKeyAlias stands for name and port together', () => {
  expect(knownHostName({ name: 'alias', port: undefined })).toBe('alias');
  expect(knownHostName({ name: 'h', port: 22 })).toBe('h');
  expect(knownHostName({ name: 'h', port: 2222 })).toBe('[h]:2222');
});

test('the recorded key types are known before connecting, those of the port first', () => {
  const text = `h ${keys.rsa}\n[h]:2222 ${keys.ecdsa}\n${hashed('[h]:2222')} ${keys.host}\n@revoked * ${keys.other}\n`;
  const entries = parseKnownHosts(text, 'f');
  expect(knownKeyTypes(entries, { name: 'h', port: 2222 }, hash)).toEqual([
    'ecdsa-sha2-nistp256',
    'ssh-ed25519',
    'ssh-rsa',
  ]);
});

test('keyTypeOf takes nothing but whole keys in canonical base64', () => {
  expect(keyTypeOf(presented)).toBe('ssh-ed25519');
  for (const bad of [
    '',
    'AAAA',
    'AAAAB',
    `${presented}=`,
    presented.slice(1),
    'AAAAC3NzaC1lZDI1NTE5',
    '////',
    'é',
  ]) {
    expect(keyTypeOf(bad)).toBeUndefined();
  }
});

test('no file throws, and only a line with this very key makes it known', () => {
  const token = fc.constantFrom(
    'h',
    'H',
    '*',
    '!h',
    ',',
    '|1|',
    '@revoked',
    '@cert-authority',
    '@',
    '#',
    ' ',
    '\t',
    '\r',
    '\n',
    '[h]:22',
    '?',
    'ssh-ed25519',
    presented,
    keys.host,
    keys.other,
    keys.rsa,
    '=',
    '\0',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(token, fc.string()), { maxLength: 30 }), (parts) => {
      const text = parts.join('');
      const verdict = judgeHostKey(parseKnownHosts(text, 'f'), { name: 'h', port: 22 }, presented, hash);
      if (verdict.kind === 'known') expect(text).toContain(presented);
    }),
    { numRuns: 5000 },
  );
});
