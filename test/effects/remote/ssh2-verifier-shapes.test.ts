import { generateKeyPairSync } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import ssh2, { type ConnectConfig } from 'ssh2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostVerifier } from '../../../src/effects/remote/host-verifier.ts';

/*
 * What ssh2 does with a verifier that means "no". Most shapes let the connection through: these tests write that down,
 * so that an upgrade of ssh2 that changes it is noticed, and prove that ours is none of them.
 */

type Shape = ConnectConfig['hostVerifier'] | undefined;

let server: ssh2.Server;
let authenticationAttempts = 0;

beforeAll(async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const hostKey = privateKey.export({ type: 'pkcs1', format: 'pem' });
  server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    client.on('error', () => undefined);
    client.on('authentication', (context) => {
      authenticationAttempts++;
      context.accept();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => server.close());

/** Connects with a verifier; `attempts` counts what the server was sent to authenticate with. */
function connectWith(
  shape: Shape,
): Promise<{ readonly outcome: 'accepted' | 'refused'; readonly attempts: number }> {
  const { port } = server.address() as AddressInfo;
  const before = authenticationAttempts;
  return new Promise((resolve) => {
    const client = new ssh2.Client();
    const finish = (outcome: 'accepted' | 'refused') => {
      resolve({ outcome, attempts: authenticationAttempts - before });
      client.destroy();
    };
    client.on('ready', () => finish('accepted'));
    client.on('error', () => finish('refused'));
    const config: ConnectConfig = { host: '127.0.0.1', port, username: 'me', password: 'secret' };
    client.connect(shape === undefined ? config : { ...config, hostVerifier: shape });
  });
}

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call, @typescript-eslint/require-await -- the shapes are wrong on purpose */
const shapes: readonly (readonly [string, any, 'accepted' | 'refused'])[] = [
  ['no verifier', undefined, 'accepted'],
  ['() => null', () => null, 'accepted'],
  ['() => 0', () => 0, 'accepted'],
  ["() => ''", () => '', 'accepted'],
  ['async () => false', async () => false, 'accepted'],
  ['verify(undefined)', (_: Buffer, verify: any) => verify(undefined), 'accepted'],
  ['verify(null)', (_: Buffer, verify: any) => verify(null), 'accepted'],
  ['verify(new Error())', (_: Buffer, verify: any) => verify(new Error('no')), 'accepted'],
  [
    'async, verify(false) later',
    async (_: Buffer, verify: any) => {
      await Promise.resolve();
      verify(false);
    },
    'accepted',
  ],
  ['() => false', () => false, 'refused'],
  ['verify(false)', (_: Buffer, verify: any) => verify(false), 'refused'],
  [
    'a synchronous throw',
    () => {
      throw new Error('no');
    },
    'refused',
  ],
];
/* eslint-enable */

describe('what ssh2 makes of a verifier that means no', () => {
  test.each(shapes)('%s is %3$s', async (_, shape: Shape, outcome) => {
    expect((await connectWith(shape)).outcome).toBe(outcome);
  });
});

describe('hostVerifier', () => {
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  test.each<readonly [string, () => Promise<boolean>]>([
    ['at once', () => Promise.resolve(false)],
    ['late', () => wait(80).then(() => false)],
    ['by a rejection', () => Promise.reject(new Error('unreadable'))],
    ['by nothing', () => Promise.resolve(undefined as unknown as boolean)],
    ['by null', () => Promise.resolve(null as unknown as boolean)],
    ['by 1', () => Promise.resolve(1 as unknown as boolean)],
    ['by a word', () => Promise.resolve('true' as unknown as boolean)],
  ])('refuses %s, before anything secret is sent', async (_, decide) => {
    const verifier = hostVerifier(decide, () => undefined);
    expect(await connectWith(verifier)).toEqual({ outcome: 'refused', attempts: 0 });
  });

  test.each<readonly [string, () => Promise<boolean>]>([
    ['at once', () => Promise.resolve(true)],
    ['late', () => wait(80).then(() => true)],
  ])('accepts %s', async (_, decide) => {
    expect((await connectWith(hostVerifier(decide, () => undefined))).outcome).toBe('accepted');
  });

  test('waits: nothing is sent while the question is open', async () => {
    const before = authenticationAttempts;
    let answer: (permitted: boolean) => void = () => undefined;
    const question = new Promise<boolean>((resolve) => (answer = resolve));
    const connecting = connectWith(
      hostVerifier(
        () => question,
        () => undefined,
      ),
    );
    await wait(200);
    expect(authenticationAttempts).toBe(before);
    answer(true);
    expect((await connecting).outcome).toBe('accepted');
  });

  test('returns undefined, whatever is decided: any other value would be consent', () => {
    const verifier = hostVerifier(
      () => Promise.resolve(false),
      () => undefined,
    );
    expect(verifier(Buffer.from('key'), () => undefined)).toBeUndefined();
  });

  test('a later key exchange accepts the same key alone, and at once', async () => {
    const verifier = hostVerifier(
      () => Promise.resolve(true),
      () => undefined,
    );
    const verdicts: boolean[] = [];
    await new Promise<void>((resolve) => {
      verifier(Buffer.from('first'), (permitted) => {
        verdicts.push(permitted);
        resolve();
      });
    });
    verifier(Buffer.from('first'), (permitted) => verdicts.push(permitted));
    verifier(Buffer.from('other'), (permitted) => verdicts.push(permitted));
    expect(verdicts).toEqual([true, true, false]);
  });

  test('an error of the decision is reported', async () => {
    const errors: unknown[] = [];
    const verifier = hostVerifier(
      () => Promise.reject(new Error('disk')),
      (error) => errors.push(error),
    );
    await new Promise<void>((resolve) => verifier(Buffer.from('k'), () => resolve()));
    expect(errors).toEqual([new Error('disk')]);
  });
});
