import { expect, it } from 'vitest';
import { parseTarget } from '../../../src/core/cluster/parse-target.ts';
import { profileNameFor } from '../../../src/core/cluster/profile-name.ts';

it.each([
  ['juwels', null, 'juwels'],
  ['horeka.scc.kit.edu', 'hk', 'horeka'],
  ['login1.tbx.example', 'tbx', 'tbx'],
  ['login.tbx.example', null, 'tbx'],
  ['127.0.0.1', 'dev', 'dev'],
  ['::1', null, 'cluster'],
  ['localhost', 'My Cluster!', 'my-cluster'],
  ['…', '(…)', 'cluster'],
])('%s with ClusterName %s is called %s', (host, clusterName, name) => {
  expect(profileNameFor(host, clusterName)).toBe(name);
});

it.each([
  ['tbx', { host: 'tbx' }],
  ['alice@tbx.example:2222', { host: 'tbx.example', user: 'alice', port: 2222 }],
  ['a.b@[::1]:22', { host: '::1', user: 'a.b', port: 22 }],
  ['fe80::1', { host: 'fe80::1' }],
])('reads %s', (text, value) => {
  expect(parseTarget(text)).toEqual({ ok: true, value });
});

it.each(['', '-oProxyCommand=x', '-u@host', 'a b', 'host:0', 'host:99999', 'host:x', '@host', 'a@b@c'])(
  'refuses %j',
  (text) => {
    expect(parseTarget(text)).toMatchObject({ ok: false, failure: { kind: 'usage' } });
  },
);
