import { createHmac } from 'node:crypto';
import type { HostKeyVerdict } from '../../src/core/ssh/known-hosts.ts';

/** Keys as they stand in known_hosts, `type base64`. The host presents `host`. */
export interface Keys {
  readonly host: string;
  readonly other: string;
  readonly ecdsa: string;
  readonly rsa: string;
}

/** A known_hosts file, a host that presents its key, and OpenSSH's verdict. */
export interface Case {
  readonly title: string;
  readonly text: (keys: Keys) => string;
  readonly verdict: HostKeyVerdict['kind'];
  /** Default `login.example.org`. */
  readonly name?: string;
  /** Default 22. */
  readonly port?: number;
}

/** A hashed host name, with a fixed salt. */
export function hashed(name: string, salt = 'MDEyMzQ1Njc4OWFiY2RlZmdoaWo='): string {
  const hash = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64');
  return `|1|${salt}|${hash}`;
}

const host = 'login.example.org';
const lines = (...list: readonly string[]) => list.map((line) => `${line}\n`).join('');
const base64Of = (key: string) => key.split(' ')[1] ?? '';

export const cases: readonly Case[] = [
  // Plain names
  { title: 'an empty file', text: () => '', verdict: 'unknown' },
  { title: 'the key', text: (k) => lines(`${host} ${k.host}`), verdict: 'known' },
  { title: 'no newline at the end', text: (k) => `${host} ${k.host}`, verdict: 'known' },
  { title: 'another host', text: (k) => lines(`other.example.org ${k.host}`), verdict: 'unknown' },
  { title: 'another key', text: (k) => lines(`${host} ${k.other}`), verdict: 'changed' },
  { title: 'a key of another type', text: (k) => lines(`${host} ${k.rsa}`), verdict: 'changed' },
  { title: 'a key of a third type', text: (k) => lines(`${host} ${k.ecdsa}`), verdict: 'changed' },
  { title: 'one of several names', text: (k) => lines(`a,${host},10.0.0.1 ${k.host}`), verdict: 'known' },
  { title: 'a part of the name', text: (k) => lines(`login.example ${k.host}`), verdict: 'unknown' },
  { title: 'more than the name', text: (k) => lines(`${host}.net ${k.host}`), verdict: 'unknown' },
  { title: 'upper case in the file', text: (k) => lines(`LOGIN.Example.ORG ${k.host}`), verdict: 'known' },
  {
    title: 'upper case on the command line',
    text: (k) => lines(`${host} ${k.host}`),
    name: 'LOGIN.example.org',
    verdict: 'known',
  },
  { title: 'an empty name in the list', text: (k) => lines(`,${host}, ${k.host}`), verdict: 'known' },
  { title: 'an IPv4 address', text: (k) => lines(`10.1.2.3 ${k.host}`), name: '10.1.2.3', verdict: 'known' },
  // Several keys
  {
    title: 'several keys, the last fits',
    text: (k) => lines(`${host} ${k.other}`, `${host} ${k.rsa}`, `${host} ${k.host}`),
    verdict: 'known',
  },
  {
    title: 'several keys, the first fits',
    text: (k) => lines(`${host} ${k.host}`, `${host} ${k.other}`),
    verdict: 'known',
  },
  {
    title: 'several keys, none fits',
    text: (k) => lines(`${host} ${k.other}`, `${host} ${k.rsa}`),
    verdict: 'changed',
  },
  {
    title: 'the key for another name, another key for this one',
    text: (k) => lines(`x ${k.host}`, `${host} ${k.other}`),
    verdict: 'changed',
  },
  // Hashed names
  { title: 'a hashed name', text: (k) => lines(`${hashed(host)} ${k.host}`), verdict: 'known' },
  {
    title: 'a hashed name, another key',
    text: (k) => lines(`${hashed(host)} ${k.other}`),
    verdict: 'changed',
  },
  { title: 'another name, hashed', text: (k) => lines(`${hashed('other')} ${k.host}`), verdict: 'unknown' },
  {
    title: 'a hash of the name with its port 22',
    text: (k) => lines(`${hashed(`[${host}]:22`)} ${k.host}`),
    verdict: 'unknown',
  },
  {
    title: 'a hash of the name in upper case',
    text: (k) => lines(`${hashed(host.toUpperCase())} ${k.host}`),
    verdict: 'unknown',
  },
  {
    title: 'a hash with a comma after it',
    text: (k) => lines(`${hashed(host)},x ${k.host}`),
    verdict: 'unknown',
  },
  {
    title: 'a hash of an unknown kind',
    text: (k) => lines(`${hashed(host).replace('|1|', '|2|')} ${k.host}`),
    verdict: 'unknown',
  },
  { title: 'a cut hash', text: (k) => lines(`|1|c2FsdA== ${k.host}`), verdict: 'unknown' },
  {
    title: 'a hash with a short salt',
    text: (k) => lines(`${hashed(host, 'c2FsdA==')} ${k.host}`),
    verdict: 'unknown',
  },
  {
    title: 'a hashed name with a port',
    text: (k) => lines(`${hashed(`[${host}]:2222`)} ${k.host}`),
    port: 2222,
    verdict: 'known',
  },
  { title: 'a negated hash', text: (k) => lines(`!${hashed(host)} ${k.host}`), verdict: 'unknown' },
  // Ports
  {
    title: 'a name with its port',
    text: (k) => lines(`[${host}]:2222 ${k.host}`),
    port: 2222,
    verdict: 'known',
  },
  {
    title: 'a name with another port',
    text: (k) => lines(`[${host}]:2223 ${k.host}`),
    port: 2222,
    verdict: 'unknown',
  },
  {
    title: 'a name with port 22 written out',
    text: (k) => lines(`[${host}]:22 ${k.host}`),
    verdict: 'unknown',
  },
  {
    title: 'the bare name fits at another port',
    text: (k) => lines(`${host} ${k.host}`),
    port: 2222,
    verdict: 'known',
  },
  {
    title: 'the bare name has another key at another port',
    text: (k) => lines(`${host} ${k.other}`),
    port: 2222,
    verdict: 'unknown',
  },
  {
    title: 'the port has another key, the bare name fits',
    text: (k) => lines(`[${host}]:2222 ${k.other}`, `${host} ${k.host}`),
    port: 2222,
    verdict: 'changed',
  },
  {
    title: 'another key with the port',
    text: (k) => lines(`[${host}]:2222 ${k.other}`),
    port: 2222,
    verdict: 'changed',
  },
  {
    title: 'a wildcard over ports',
    text: (k) => lines(`[${host}]:* ${k.host}`),
    port: 2222,
    verdict: 'known',
  },
  { title: 'brackets without a port', text: (k) => lines(`[${host}] ${k.host}`), verdict: 'unknown' },
  {
    title: 'the bare name is revoked at another port',
    text: (k) => lines(`@revoked ${host} ${k.host}`),
    port: 2222,
    verdict: 'revoked',
  },
  // Wildcards and negation
  { title: 'a star', text: (k) => lines(`*.example.org ${k.host}`), verdict: 'known' },
  { title: 'a star over everything', text: (k) => lines(`* ${k.host}`), verdict: 'known' },
  { title: 'a star over everything, another key', text: (k) => lines(`* ${k.other}`), verdict: 'changed' },
  { title: 'question marks', text: (k) => lines(`login.???????.org ${k.host}`), verdict: 'known' },
  {
    title: 'a question mark too many',
    text: (k) => lines(`login.????????.org ${k.host}`),
    verdict: 'unknown',
  },
  { title: 'a question mark is never nothing', text: (k) => lines(`${host}? ${k.host}`), verdict: 'unknown' },
  { title: 'a star in the middle', text: (k) => lines(`l*n.ex*e.org ${k.host}`), verdict: 'known' },
  {
    title: 'a negated name after a star',
    text: (k) => lines(`*.example.org,!${host} ${k.host}`),
    verdict: 'unknown',
  },
  { title: 'a negated name before a star', text: (k) => lines(`!${host},* ${k.host}`), verdict: 'unknown' },
  {
    title: 'another name negated',
    text: (k) => lines(`*.example.org,!other.example.org ${k.host}`),
    verdict: 'known',
  },
  { title: 'a negated name alone', text: (k) => lines(`!other ${k.host}`), verdict: 'unknown' },
  {
    title: 'negated in one line, given in the next',
    text: (k) => lines(`*,!${host} ${k.other}`, `${host} ${k.host}`),
    verdict: 'known',
  },
  {
    title: 'a star does not make a regular expression',
    text: (k) => lines(`login.example.or[g] ${k.host}`),
    verdict: 'unknown',
  },
  { title: 'a dot is a dot', text: (k) => lines(`loginXexample.org ${k.host}`), verdict: 'unknown' },
  // Markers
  { title: 'revoked', text: (k) => lines(`@revoked ${host} ${k.host}`), verdict: 'revoked' },
  {
    title: 'revoked for all',
    text: (k) => lines(`${host} ${k.host}`, `@revoked * ${k.host}`),
    verdict: 'revoked',
  },
  {
    title: 'revoked before it is given',
    text: (k) => lines(`@revoked ${host} ${k.host}`, `${host} ${k.host}`),
    verdict: 'revoked',
  },
  {
    title: 'another key is revoked',
    text: (k) => lines(`@revoked * ${k.other}`, `${host} ${k.host}`),
    verdict: 'known',
  },
  { title: 'only another key is revoked', text: (k) => lines(`@revoked * ${k.other}`), verdict: 'unknown' },
  {
    title: 'revoked for another host',
    text: (k) => lines(`@revoked other ${k.host}`, `${host} ${k.host}`),
    verdict: 'known',
  },
  {
    title: 'a certificate authority alone',
    text: (k) => lines(`@cert-authority *.example.org ${k.other}`),
    verdict: 'certificate',
  },
  {
    title: 'the key of the authority is not the host',
    text: (k) => lines(`@cert-authority *.example.org ${k.host}`),
    verdict: 'certificate',
  },
  {
    title: 'an authority beside the plain key',
    text: (k) => lines(`@cert-authority * ${k.other}`, `${host} ${k.host}`),
    verdict: 'known',
  },
  {
    title: 'an authority beside another key',
    text: (k) => lines(`@cert-authority * ${k.other}`, `${host} ${k.other}`),
    verdict: 'changed',
  },
  {
    title: 'an authority of another host',
    text: (k) => lines(`@cert-authority other ${k.other}`),
    verdict: 'unknown',
  },
  { title: 'an unknown marker', text: (k) => lines(`@trusted ${host} ${k.host}`), verdict: 'unknown' },
  {
    title: 'a marker in upper case',
    text: (k) => lines(`@REVOKED ${host} ${k.host}`, `${host} ${k.host}`),
    verdict: 'known',
  },
  {
    title: 'two spaces after a marker',
    text: (k) => lines(`@revoked  ${host}  ${k.host}`),
    verdict: 'revoked',
  },
  {
    title: 'two markers',
    text: (k) => lines(`@revoked @cert-authority ${host} ${k.host}`),
    verdict: 'unknown',
  },
  // Lines
  {
    title: 'a comment at the end',
    text: (k) => lines(`${host} ${k.host} root@login # yes`),
    verdict: 'known',
  },
  { title: 'a commented line', text: (k) => lines(`#${host} ${k.host}`), verdict: 'unknown' },
  { title: 'a comment after spaces', text: (k) => lines(`  # ${host} ${k.host}`), verdict: 'unknown' },
  { title: 'spaces before', text: (k) => lines(` \t${host} ${k.host}`), verdict: 'known' },
  { title: 'tabs between', text: (k) => lines(`${host}\t${k.host.replace(' ', '\t')}`), verdict: 'known' },
  { title: 'blank lines', text: (k) => `\n\n \n${host} ${k.host}\n\n`, verdict: 'known' },
  { title: 'CR LF', text: (k) => `${host} ${k.host}\r\n`, verdict: 'known' },
  { title: 'CR LF, another key', text: (k) => `${host} ${k.other}\r\n`, verdict: 'changed' },
  { title: 'CR LF after a comment', text: (k) => `# x\r\n${host} ${k.host} c\r\n`, verdict: 'known' },
  { title: 'a byte order mark', text: (k) => `\ufeff${host} ${k.host}\n`, verdict: 'unknown' },
  { title: 'no key', text: () => lines(host), verdict: 'unknown' },
  { title: 'a type without a key', text: () => lines(`${host} ssh-ed25519`), verdict: 'unknown' },
  { title: 'a key without a type', text: (k) => lines(`${host} ${base64Of(k.host)}`), verdict: 'unknown' },
  {
    title: 'the wrong type before the key',
    text: (k) => lines(`${host} ssh-rsa ${base64Of(k.host)}`),
    verdict: 'unknown',
  },
  { title: 'a cut key', text: (k) => lines(`${host} ${k.host.slice(0, -9)}`), verdict: 'unknown' },
  { title: 'a key that is no base64', text: () => lines(`${host} ssh-ed25519 !!!!`), verdict: 'unknown' },
  { title: 'base64 that is no key', text: () => lines(`${host} ssh-ed25519 aGVsbG8=`), verdict: 'unknown' },
  { title: 'bits before the type', text: (k) => lines(`${host} 256 ${k.host}`), verdict: 'unknown' },
  {
    title: 'a malformed line before a good one',
    text: (k) => lines(`${host} ssh-ed25519 ???`, `${host} ${k.host}`),
    verdict: 'known',
  },
  {
    title: 'words of another file',
    text: () => lines('Host *', '  User me', '-----BEGIN X-----'),
    verdict: 'unknown',
  },
  { title: 'a NUL in a line', text: (k) => lines(`x\0y ${k.other}`, `${host} ${k.host}`), verdict: 'known' },
];
