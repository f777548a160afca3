import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import ssh2 from 'ssh2';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Prompt, Remote, RemoteTarget } from '../../src/core/ports.ts';
import type { Result } from '../../src/core/result.ts';
import { createIds } from '../../src/effects/ids.ts';
import { createRemotes } from '../../src/effects/remote/connect.ts';
import { quietLog, scriptedPrompt } from '../support/quiet.ts';
import { createSshHome, freePort, sshdMissing, startSshd, type SshHome, type Sshd } from '../support/sshd.ts';

let home: SshHome;
let sshd: Sshd;
let name: string;
const opened: Remote[] = [];

beforeAll(async () => {
  if (sshdMissing !== undefined) return;
  home = createSshHome();
  for (const key of ['user', 'other', 'host-ed25519', 'stranger']) home.key(key);
  home.key('host-rsa', { type: 'rsa' });
  home.key('host-ecdsa', { type: 'ecdsa' });
  home.key('locked', { passphrase: 'open sesame' });
  home.key('rsa', { type: 'rsa' });
  home.key('locked-pem', { type: 'rsa' });
  execFileSync('ssh-keygen', [
    '-q',
    '-p',
    '-m',
    'PEM',
    '-N',
    'open sesame',
    '-P',
    '',
    '-f',
    home.path('locked-pem'),
  ]);
  sshd = await startSshd({
    home,
    name: 'login',
    hostKeys: ['host-rsa', 'host-ecdsa', 'host-ed25519'].map((key) => home.path(key)),
    authorizedKeys: ['user', 'locked', 'locked-pem', 'rsa'].map((key) => home.publicKey(key)),
    extra: ['MaxAuthTries 4'],
  });
  name = `[127.0.0.1]:${sshd.port}`;
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((remote) => remote.close()));
});

afterAll(async () => {
  if (sshdMissing !== undefined) return;
  await sshd.stop();
  home.remove();
});

interface Options {
  readonly known?: string;
  readonly config?: string;
  readonly identity?: string;
  readonly prompt?: Prompt;
  readonly transport?: RemoteTarget['transport'];
  readonly port?: number;
  readonly environment?: Record<string, string>;
  readonly signal?: AbortSignal;
  readonly log?: ReturnType<typeof quietLog>;
}

async function connect(options: Options = {}): Promise<Result<Remote>> {
  if (options.known !== undefined) home.write('known', options.known);
  const lines = [
    ...(options.config ?? '').split('\n'),
    'HostName 127.0.0.1',
    `Port ${options.port ?? sshd.port}`,
    `User ${sshd.user}`,
    `IdentityFile ${home.path(options.identity ?? 'user')}`,
    `UserKnownHostsFile ${home.path('known')}`,
    'GlobalKnownHostsFile none',
    '',
  ];
  const remotes = createRemotes({
    ...(options.prompt === undefined ? {} : { prompt: options.prompt }),
    log: options.log ?? quietLog(),
    ids: createIds(),
    environment: options.environment ?? {},
    homeDirectory: home.directory,
  });
  const configFile = home.write('config', lines.join('\n'));
  const result = await remotes.connect(
    { transport: options.transport ?? 'ssh2', host: 'login', configFile },
    options.signal,
  );
  if (result.ok) opened.push(result.value);
  return result;
}

const right = () => `${name} ${home.publicKey('host-ed25519')}\n`;

const fingerprint = (key: string) =>
  `SHA256:${createHash('sha256')
    .update(Buffer.from(home.publicKey(key).split(' ')[1] ?? '', 'base64'))
    .digest('base64')
    .replace(/=+$/, '')}`;

describe.skipIf(sshdMissing !== undefined).each(['ssh2', 'openssh'] as const)(
  'host keys over %s',
  (transport) => {
    test('a recorded key connects, without a question', async () => {
      expect(await connect({ transport, known: right() })).toMatchObject({ ok: true });
    });

    test.each([
      ['rsa', 'host-rsa'],
      ['ecdsa', 'host-ecdsa'],
    ])('the recorded %s key is the one that is asked for', async (_, key) => {
      expect(await connect({ transport, known: `${name} ${home.publicKey(key)}\n` })).toMatchObject({
        ok: true,
      });
    });

    test('an unknown key is refused where nobody can be asked', async () => {
      const result = await connect({ transport, known: '' });
      expect(result).toMatchObject({ ok: false, failure: { kind: 'host-key-unknown', host: 'login' } });
      expect(JSON.stringify(result)).toMatch(/SHA256:[A-Za-z0-9+/]{43}/);
      expect(readFileSync(home.path('known'), 'utf8')).toBe('');
    });

    test.each(['ask', 'yes', 'accept-new', 'no', 'off'])(
      'a changed key is refused, with StrictHostKeyChecking %s',
      async (value) => {
        const known = `# mine\n${name} ${home.publicKey('stranger')}\n`;
        const result = await connect({ transport, known, config: `StrictHostKeyChecking ${value}` });
        expect(result).toMatchObject({
          ok: false,
          failure: { kind: 'host-key-refused', reason: 'changed', where: `${home.path('known')}:2` },
        });
        expect(readFileSync(home.path('known'), 'utf8')).toBe(known);
      },
    );

    test('a revoked key is refused', async () => {
      const known = `${right()}@revoked * ${home.publicKey('host-ed25519')}\n`;
      expect(await connect({ transport, known })).toMatchObject({
        ok: false,
        failure: { kind: 'host-key-refused', reason: 'revoked' },
      });
    });

    test('with accept-new, an unknown key is recorded without a question', async () => {
      expect(
        await connect({ transport, known: '', config: 'StrictHostKeyChecking accept-new' }),
      ).toMatchObject({ ok: true });
      expect(readFileSync(home.path('known'), 'utf8')).toContain(name);
    });
  },
);

describe.skipIf(sshdMissing !== undefined)('host keys over ssh2, with a person', () => {
  test('an unknown key is asked about once, and recorded when agreed', async () => {
    const prompt = scriptedPrompt(['yes']);
    rmSync(home.path('new'), { recursive: true, force: true });
    const config = `UserKnownHostsFile ${home.path('new/known')}`;
    expect(await connect({ prompt, config })).toMatchObject({ ok: true });
    expect(prompt.questions).toHaveLength(1);
    expect(prompt.questions[0]).toContain(fingerprint('host-ed25519'));
    expect(readFileSync(home.path('new/known'), 'utf8')).toBe(right());
    expect(statSync(home.path('new/known')).mode & 0o777).toBe(0o600);
    expect(statSync(home.path('new')).mode & 0o777).toBe(0o700);
    expect(await connect({ prompt, config })).toMatchObject({ ok: true });
    expect(prompt.questions).toHaveLength(1);
  });

  test('a "no" connects to nothing and records nothing', async () => {
    const result = await connect({ known: '', prompt: scriptedPrompt(['no']) });
    expect(result).toEqual({
      ok: false,
      failure: {
        kind: 'host-key-unknown',
        host: 'login',
        fingerprint: fingerprint('host-ed25519'),
        file: home.path('known'),
      },
    });
    expect(readFileSync(home.path('known'), 'utf8')).toBe('');
  });

  test('with StrictHostKeyChecking yes, nobody is asked', async () => {
    const prompt = scriptedPrompt([]);
    expect(await connect({ known: '', prompt, config: 'StrictHostKeyChecking yes' })).toMatchObject({
      ok: false,
      failure: { kind: 'host-key-unknown' },
    });
    expect(prompt.questions).toEqual([]);
  });

  test('nobody is asked about a changed key', async () => {
    const prompt = scriptedPrompt([]);
    const known = `${name} ${home.publicKey('stranger')}\n`;
    expect(await connect({ known, prompt })).toEqual({
      ok: false,
      failure: {
        kind: 'host-key-refused',
        host: 'login',
        fingerprint: expect.stringMatching(/^SHA256:/) as unknown,
        reason: 'changed',
        where: `${home.path('known')}:1`,
      },
    });
  });

  test('a recorded name is hashed when the user hashes names, and OpenSSH finds it', async () => {
    const prompt = scriptedPrompt(['yes']);
    expect(
      await connect({ known: '# no newline at the end', prompt, config: 'HashKnownHosts yes' }),
    ).toMatchObject({ ok: true });
    const text = readFileSync(home.path('known'), 'utf8');
    expect(text).toMatch(/^# no newline at the end\n\|1\|/);
    const found = execFileSync('ssh-keygen', ['-F', name, '-f', home.path('known')], { encoding: 'utf8' });
    expect(found).toContain(home.publicKey('host-ed25519'));
    expect(await connect({})).toMatchObject({ ok: true });
  });

  test('an authority leads to OpenSSH', async () => {
    const result = await connect({ known: `@cert-authority * ${home.publicKey('stranger')}\n` });
    expect(result).toEqual({
      ok: false,
      failure: { kind: 'host-certificate', host: 'login', where: `${home.path('known')}:1` },
    });
  });

  test('a file that cannot be read refuses', async () => {
    mkdirSync(home.path('unreadable'), { recursive: true });
    const result = await connect({ known: right(), config: `UserKnownHostsFile ${home.path('unreadable')}` });
    expect(result).toMatchObject({ ok: false, failure: { kind: 'host-key-refused', reason: 'unreadable' } });
  });

  test('a jump host is verified by its own entry', async () => {
    home.write('jump-config', '');
    const config = `Host gate
  HostKeyAlias gate
  ProxyJump none
Host login
  ProxyJump gate
Host *`;
    expect(await connect({ known: right(), config })).toMatchObject({
      ok: false,
      failure: { kind: 'host-key-unknown', host: 'gate' },
    });
    const known = `${right()}gate ${home.publicKey('host-ed25519')}\n`;
    const result = await connect({ known, config });
    expect(result).toMatchObject({ ok: true });
  });
});

describe.skipIf(sshdMissing !== undefined)('keys over ssh2', () => {
  test.each(['locked', 'locked-pem'])('an encrypted key (%s) is asked for once', async (identity) => {
    const prompt = scriptedPrompt(['open sesame']);
    const log = quietLog();
    expect(await connect({ known: right(), identity, prompt, log })).toMatchObject({ ok: true });
    expect(prompt.questions).toHaveLength(1);
    expect(prompt.questions[0]).toContain(home.path(identity));
    expect(log.hidden).toContain('open sesame');
  });

  test('a wrong passphrase is asked for a second time, and no third', async () => {
    const prompt = scriptedPrompt(['wrong', 'wrong again']);
    const result = await connect({ known: right(), identity: 'locked', prompt });
    expect(result).toMatchObject({
      ok: false,
      failure: { kind: 'authentication', host: 'login', user: sshd.user },
    });
    expect(prompt.questions).toHaveLength(2);
  });

  test('an encrypted key that the server does not want is not asked for', async () => {
    home.key('locked-stranger', { passphrase: 'x' });
    const prompt = scriptedPrompt([]);
    const result = await connect({ known: right(), identity: 'locked-stranger', prompt });
    expect(result).toMatchObject({
      ok: false,
      failure: { kind: 'authentication', tried: [`publickey ${home.path('locked-stranger')}`] },
    });
  });

  test('without a terminal an encrypted key fails, and says so', async () => {
    const result = await connect({ known: right(), identity: 'locked' });
    expect(result).toMatchObject({ ok: false, failure: { kind: 'authentication' } });
    expect(JSON.stringify(result)).toContain('could not be decrypted');
  });

  test('an RSA key signs with SHA-2', async () => {
    expect(await connect({ known: right(), identity: 'rsa' })).toMatchObject({ ok: true });
  });

  test('no key at all is a refusal with a type', async () => {
    const result = await connect({ known: right(), identity: 'missing' });
    expect(result).toMatchObject({ ok: false, failure: { kind: 'authentication', tried: [] } });
  });

  describe('an agent', () => {
    let agent: ReturnType<typeof spawn>;
    let socket: string;
    const add = (key: string) =>
      execFileSync('ssh-add', [home.path(key)], {
        env: { ...process.env, SSH_AUTH_SOCK: socket },
        stdio: 'ignore',
      });

    beforeAll(async () => {
      socket = home.path('agent.sock');
      agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
      while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 20));
      for (const index of [1, 2, 3, 4, 5]) add(home.key(`agent-${index}`).split('/').at(-1) ?? '');
    });
    afterAll(() => void agent.kill());

    test('its keys are used', async () => {
      execFileSync('ssh-add', ['-D'], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
      add('other');
      add('rsa');
      expect(
        await connect({ known: right(), identity: 'missing', environment: { SSH_AUTH_SOCK: socket } }),
      ).toMatchObject({ ok: true });
    });

    test('IdentityAgent none leaves it alone', async () => {
      expect(
        await connect({
          known: right(),
          identity: 'missing',
          config: 'IdentityAgent none',
          environment: { SSH_AUTH_SOCK: socket },
        }),
      ).toMatchObject({ ok: false, failure: { kind: 'authentication', tried: [] } });
    });

    test('a configured key comes before the others of the agent, so that a server with few tries is content', async () => {
      for (const index of [1, 2, 3, 4, 5]) add(`agent-${index}`);
      add('user');
      expect(await connect({ known: right(), environment: { SSH_AUTH_SOCK: socket } })).toMatchObject({
        ok: true,
      });
    });

    test('too many keys are a refusal that lists them', async () => {
      execFileSync('ssh-add', ['-D'], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
      for (const index of [1, 2, 3, 4, 5]) add(`agent-${index}`);
      const result = await connect({
        known: right(),
        identity: 'missing',
        environment: { SSH_AUTH_SOCK: socket },
      });
      expect(result).toMatchObject({ ok: false, failure: { kind: 'authentication' } });
      expect(JSON.stringify(result)).toContain('agent-1 (agent)');
    });

    test('IdentitiesOnly keeps to the configured key, which only the agent can use', async () => {
      add('user');
      const pub = home.write('only.pub', readFileSync(home.path('user.pub'), 'utf8'));
      expect(
        await connect({
          known: right(),
          identity: 'missing',
          config: `IdentitiesOnly yes\nIdentityFile ${pub}`,
          environment: { SSH_AUTH_SOCK: socket },
        }),
      ).toMatchObject({ ok: true });
    });

    test('one that does not answer is passed over', async () => {
      expect(
        await connect({ known: right(), environment: { SSH_AUTH_SOCK: home.path('nobody.sock') } }),
      ).toMatchObject({ ok: true });
    });
  });
});

function askCode(context: ssh2.KeyboardAuthContext): void {
  const questions = [
    { prompt: 'One-time code: ', echo: false },
    { prompt: 'Site\u001b[31m:', echo: true },
  ];
  context.prompt(questions, 'Welcome', 'Read your token', (answers) => {
    if (answers[0] === '123456' && answers[1] === 'north') context.accept();
    else context.reject(['keyboard-interactive']);
  });
}

/** A login host that wants a key and then a one-time code, and counts. */
class SecondFactor {
  readonly attempts: string[] = [];
  readonly #server: ssh2.Server;

  constructor(hostKey: string, methods: { readonly key: boolean; readonly password?: string }) {
    this.#server = new ssh2.Server({ hostKeys: [readFileSync(hostKey)] }, (client) => {
      client.on('error', () => undefined);
      const second = methods.password === undefined ? 'keyboard-interactive' : 'password';
      let keyDone = !methods.key;
      client.on('authentication', (context) => {
        this.attempts.push(context.method);
        if (context.method !== (keyDone ? second : 'publickey'))
          return context.reject([keyDone ? second : 'publickey']);
        if (context.method === 'password') {
          return context.password === methods.password ? context.accept() : context.reject([second]);
        }
        if (context.method === 'keyboard-interactive') return askCode(context);
        // A key is first shown, then used to sign.
        if (context.signature === undefined) return context.accept();
        keyDone = true;
        context.reject([second], true);
      });
      client.on('ready', () => {
        client.on('session', (accept) => accept().on('exec', (acceptExec) => acceptExec().exit(0)));
      });
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
  }
}

describe.skipIf(sshdMissing !== undefined)('second factors over ssh2', () => {
  const withServer = async (
    methods: { readonly key: boolean; readonly password?: string },
    options: Options,
  ): Promise<{ readonly result: Result<Remote>; readonly attempts: readonly string[] }> => {
    const server = new SecondFactor(home.path('host-ed25519'), methods);
    const port = await server.listen();
    const known = `[127.0.0.1]:${port} ${home.publicKey('host-ed25519')}\n`;
    const result = await connect({ ...options, known, port });
    server.close();
    return { result, attempts: server.attempts };
  };

  test('a key, then a code: each question once, with the words of the server', async () => {
    const prompt = scriptedPrompt(['123456', 'north']);
    const log = quietLog();
    const { result, attempts } = await withServer({ key: true }, { prompt, log });
    expect(result).toMatchObject({ ok: true });
    expect(prompt.questions).toEqual(['Welcome\nRead your token\nOne-time code:', 'Site:']);
    expect(log.hidden).toEqual(['123456']);
    // Asked whether the key is wanted, then signed; nothing wasted.
    expect(attempts).toEqual(['publickey', 'publickey', 'keyboard-interactive']);
  });

  test('a wrong code is sent once, and never again by itself', async () => {
    const prompt = scriptedPrompt(['000000', 'north']);
    const { result, attempts } = await withServer({ key: true }, { prompt });
    expect(result).toMatchObject({ ok: false, failure: { kind: 'authentication' } });
    expect(attempts.filter((method) => method === 'keyboard-interactive')).toHaveLength(1);
  });

  test('whoever gives up is not asked further', async () => {
    const prompt = scriptedPrompt([undefined]);
    const { result } = await withServer({ key: true }, { prompt });
    expect(result).toEqual({ ok: false, failure: { kind: 'interrupted' } });
    expect(prompt.questions).toHaveLength(1);
  });

  test('without a terminal the server is not bothered', async () => {
    const { result, attempts } = await withServer({ key: true }, {});
    expect(result).toMatchObject({ ok: false, failure: { kind: 'authentication' } });
    expect(JSON.stringify(result)).toContain('keyboard-interactive (no terminal to ask on)');
    expect(attempts).not.toContain('keyboard-interactive');
  });

  test('a slow person does not run into the time limit of the connection', async () => {
    const answers = ['123456', 'north'];
    const slow = {
      ...scriptedPrompt([]),
      secret: () =>
        new Promise<string | undefined>((resolve) => setTimeout(() => resolve(answers.shift()), 1800)),
      line: () => Promise.resolve('north'),
    };
    const { result } = await withServer({ key: true }, { prompt: slow, config: 'ConnectTimeout 1' });
    expect(result).toMatchObject({ ok: true });
  });

  test('a password alone is asked for once', async () => {
    const prompt = scriptedPrompt(['hunter2']);
    const { result, attempts } = await withServer(
      { key: false, password: 'hunter2' },
      { prompt, identity: 'missing' },
    );
    expect(result).toMatchObject({ ok: true });
    expect(attempts).toEqual(['none', 'password']);
    expect(prompt.questions).toEqual([`Password of ${sshd.user}@login:`]);
  });
});

describe.skipIf(sshdMissing !== undefined).each(['ssh2', 'openssh'] as const)(
  'a host that cannot be reached over %s',
  (transport) => {
    let silent: Server;
    beforeAll(async () => {
      silent = createServer();
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    });
    afterAll(() => void silent.close());

    test('a closed port', async () => {
      const result = await connect({ transport, known: right(), port: await freePort() });
      expect(result).toMatchObject({
        ok: false,
        failure: { kind: 'unreachable', host: 'login', because: 'it refuses connections to the port' },
      });
    });

    test('a name that does not exist', async () => {
      const result = await connect({ transport, known: right(), config: 'HostName nowhere.invalid' });
      expect(result).toMatchObject({
        ok: false,
        failure: { kind: 'unreachable', because: expect.stringContaining('name') as unknown },
      });
    });

    test('a server that says nothing', async () => {
      const started = performance.now();
      const { port } = silent.address() as AddressInfo;
      const result = await connect({ transport, known: right(), port, config: 'ConnectTimeout 1' });
      expect(result).toMatchObject({
        ok: false,
        failure: { kind: 'unreachable', because: 'it did not answer in time' },
      });
      expect(performance.now() - started).toBeLessThan(5000);
    });

    test('an abort', async () => {
      const abort = new AbortController();
      const { port } = silent.address() as AddressInfo;
      setTimeout(() => abort.abort(), 200);
      expect(await connect({ transport, known: right(), port, signal: abort.signal })).toEqual({
        ok: false,
        failure: { kind: 'interrupted' },
      });
    });

    test('a refused user', async () => {
      const result = await connect({ transport, known: right(), identity: 'other' });
      expect(result).toMatchObject({
        ok: false,
        failure: { kind: 'authentication', host: 'login', user: sshd.user },
      });
    });
  },
);

describe.skipIf(sshdMissing !== undefined)('what ssh2 cannot do', () => {
  test.each([
    'ProxyCommand nc %h %p',
    'Match exec "true"',
    'KnownHostsCommand /bin/x',
    'CanonicalizeHostname yes',
    'RevokedHostKeys /x',
  ])('"%s" leads to OpenSSH', async (line) => {
    const result = await connect({ known: right(), config: `${line}\n Host *` });
    expect(result).toMatchObject({
      ok: false,
      failure: { kind: 'usage', hint: expect.stringContaining('openssh') as unknown },
    });
  });

  test('a jump in a circle ends', async () => {
    const result = await connect({ known: right(), config: 'ProxyJump again' });
    expect(result).toMatchObject({
      ok: false,
      failure: { kind: 'usage', hint: expect.stringContaining('ProxyJump') as unknown },
    });
  });

  test('a host that would be an option is refused', async () => {
    const remotes = createRemotes({
      log: quietLog(),
      ids: createIds(),
      environment: {},
      homeDirectory: home.directory,
    });
    for (const transport of ['ssh2', 'openssh'] as const) {
      expect(await remotes.connect({ transport, host: '-oProxyCommand=touch /tmp/x' })).toMatchObject({
        ok: false,
        failure: { kind: 'usage' },
      });
    }
  });
});

describe.skipIf(sshdMissing !== undefined)('the control socket of OpenSSH', () => {
  test('is in a directory of ours alone, and gone with the connection', async () => {
    const runtime = home.path('run');
    mkdirSync(runtime, { recursive: true, mode: 0o700 });
    const result = await connect({
      transport: 'openssh',
      known: right(),
      environment: { XDG_RUNTIME_DIR: runtime },
    });
    if (!result.ok) throw new Error(JSON.stringify(result.failure));
    const directory = `${runtime}/hpc-serve`;
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    const sockets = execFileSync('ls', [directory], { encoding: 'utf8' }).trim().split('\n');
    expect(sockets).toHaveLength(1);
    await result.value.close();
    expect(execFileSync('ls', [directory], { encoding: 'utf8' })).toBe('');
  });

  test('a directory that others may enter is refused for another', async () => {
    const runtime = home.path('shared');
    mkdirSync(`${runtime}/hpc-serve`, { recursive: true });
    chmodSync(`${runtime}/hpc-serve`, 0o777);
    const result = await connect({
      transport: 'openssh',
      known: right(),
      environment: { XDG_RUNTIME_DIR: runtime },
    });
    expect(result).toMatchObject({ ok: true });
    expect(execFileSync('ls', [`${runtime}/hpc-serve`], { encoding: 'utf8' })).toBe('');
  });
});
