import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ByteChannel, Remote, RemoteTarget } from '../../src/core/ports.ts';
import { createIds } from '../../src/effects/ids.ts';
import { createRemotes } from '../../src/effects/remote/connect.ts';
import { quietLog } from '../support/quiet.ts';
import { createSshHome, freePort, sshdMissing, startSshd, type SshHome, type Sshd } from '../support/sshd.ts';

/** Every adapter has to behave the same here; what only some can do is asked of those. */
const adapters: readonly {
  readonly name: string;
  readonly transport: RemoteTarget['transport'];
  readonly host: string;
}[] = [
  { name: 'local', transport: 'local', host: 'here' },
  { name: 'ssh2', transport: 'ssh2', host: 'login' },
  { name: 'ssh2 through two jump hosts', transport: 'ssh2', host: 'inner' },
  { name: 'openssh', transport: 'openssh', host: 'login' },
  { name: 'openssh through two jump hosts', transport: 'openssh', host: 'inner' },
];

let home: SshHome;
let login: Sshd;
let gate: Sshd;

beforeAll(async () => {
  if (sshdMissing !== undefined) return;
  home = createSshHome();
  home.key('user');
  const authorizedKeys = [home.publicKey('user')];
  // Noise on both streams before every command, as a careless .bashrc makes it.
  const extra = [
    'ForceCommand echo "*** maintenance on Monday ***"; echo "stty: not a tty" >&2; exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"',
  ];
  login = await startSshd({ home, name: 'login', authorizedKeys, extra });
  gate = await startSshd({ home, name: 'gate', authorizedKeys });
  home.write(
    'known_hosts',
    [
      `[127.0.0.1]:${login.port} ${home.publicKey('login-host')}`,
      `[127.0.0.1]:${gate.port} ${home.publicKey('gate-host')}`,
      '',
    ].join('\n'),
  );
  home.write(
    'config',
    `Host login inner
  Port ${login.port}
Host inner
  ProxyJump gate,gate2
Host gate gate2
  Port ${gate.port}
Host *
  HostName 127.0.0.1
  User ${login.user}
  IdentityFile ${home.path('user')}
  IdentitiesOnly yes
  UserKnownHostsFile ${home.path('known_hosts')}
  GlobalKnownHostsFile none
`,
  );
});

afterAll(async () => {
  if (sshdMissing !== undefined) return;
  await Promise.all([login.stop(), gate.stop()]);
  home.remove();
});

async function open(
  adapter: { readonly transport: RemoteTarget['transport']; readonly host: string },
  configFile = 'config',
): Promise<Remote> {
  const remotes = createRemotes({
    log: quietLog(),
    ids: createIds(),
    environment: {},
    homeDirectory: home.directory,
  });
  const { transport, host } = adapter;
  const remote = await remotes.connect({ transport, host, configFile: home.path(configFile) });
  if (!remote.ok) throw new Error(JSON.stringify(remote.failure));
  return remote.value;
}

const run = (remote: Remote, text: string, input?: Uint8Array, timeoutMs?: number) =>
  remote.run({
    what: 'a test',
    text,
    ...(input === undefined ? {} : { input }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Command lines of all processes on this machine that hold `text`, but for the look itself. */
function processesWith(text: string): readonly string[] {
  return execFileSync('ps', ['-e', '-o', 'args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(text));
}

async function gone(text: string): Promise<boolean> {
  for (let attempt = 0; attempt < 60; attempt++) {
    if (processesWith(text).length === 0) return true;
    await sleep(100);
  }
  return false;
}

function collect(channel: ByteChannel): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    channel.on('data', (chunk) => void chunks.push(chunk));
    channel.on('end', () => resolve(Buffer.concat(chunks)));
    channel.on('error', reject);
  });
}

/** Pseudo-random bytes, the same every time. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 0x2545f491;
  for (let at = 0; at < length; at++) {
    state = (state * 1664525 + 1013904223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

describe.skipIf(sshdMissing !== undefined).each(adapters)('Remote: $name', (adapter) => {
  let remote: Remote;
  let echo: Server;
  let echoPort: number;
  const sockets = new Set<Socket>();

  beforeAll(async () => {
    remote = await open(adapter);
    echo = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => socket.write(chunk));
      socket.on('end', () => socket.end('|the end'));
    });
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
    echoPort = (echo.address() as AddressInfo).port;
  });

  afterAll(async () => {
    await remote.close();
    for (const socket of sockets) socket.destroy();
    echo.close();
  });

  describe('run', () => {
    test.each([
      ['true', 0],
      ['false', 1],
      ['exit 17', 17],
      ['( exit 3 ); exit 255', 255],
      ['exec sh -c "exit 9"', 9],
      ['kill -9 $$', 137],
      ['kill -TERM $$', 143],
      ['no-such-program-at-all', 127],
      ['if true; then', 2],
      ['set -e; false; echo never', 1],
    ])('%s ends with status %i', async (text, status) => {
      const result = await run(remote, text);
      expect(result).toMatchObject({ ok: true, value: { exitCode: status, stdout: '' } });
    });

    test('both streams come back exactly, without what a login shell prints', async () => {
      const result = await run(remote, `printf 'out\\n\\n'; printf 'err' >&2`);
      expect(result).toEqual({ ok: true, value: { exitCode: 0, stdout: 'out\n\n', stderr: 'err' } });
    });

    test('a script keeps every character', async () => {
      const text = `cat <<'EOF'
"double" 'single' \`back\` $dollar $(never) \\ back\\slash ! !! #hash ~ * ? [a-z] {a,b} é 漢字 🚀 %d %s
	tab   spaces
EOF
printf '%s' "$0 $#"`;
      const result = await run(remote, text);
      const lines = text.split('\n').slice(1, 3).join('\n');
      expect(result).toMatchObject({ ok: true, value: { stdout: `${lines}\n/bin/sh 0` } });
    });

    test('the script runs in the C locale, and creates private files', async () => {
      expect(await run(remote, 'echo "$LC_ALL"; umask')).toMatchObject({ value: { stdout: 'C\n0077\n' } });
    });

    test('without input, stdin is empty', async () => {
      expect(await run(remote, 'wc -c')).toMatchObject({ ok: true, value: { stdout: '0\n' } });
    });

    test('20 MB of input arrive byte for byte', async () => {
      const input = noise(20_000_000);
      const result = await run(remote, 'sha256sum', input);
      const sum = createHash('sha256').update(input).digest('hex');
      expect(result).toMatchObject({ ok: true, value: { stdout: `${sum}  -\n` } });
    });

    test('20 MB of output arrive whole', async () => {
      const result = await run(remote, `head -c 20000000 /dev/zero | tr '\\0' 'a'; echo; echo done`);
      if (!result.ok) throw new Error(JSON.stringify(result.failure));
      const { stdout } = result.value;
      expect(stdout.length).toBe(20_000_000 + '\ndone\n'.length);
      expect(stdout.endsWith('a\ndone\n')).toBe(true);
    });

    test('neither script nor input nor markers are seen by ps', async () => {
      const result = await run(
        remote,
        `canary=sesame-script; read -r line
ps -e -o args= | grep -c -e sesame-scrip[t] -e sesame-inpu[t] -e 'hs-begi[n]'`,
        Buffer.from('sesame-input\n'),
      );
      expect(result).toMatchObject({ ok: true, value: { stdout: '0\n' } });
    });

    test('a process that is left in the background is not waited for', async () => {
      const started = performance.now();
      const result = await run(remote, 'sleep 31.5 & echo started');
      expect(result).toMatchObject({ ok: true, value: { exitCode: 0, stdout: 'started\n' } });
      expect(performance.now() - started).toBeLessThan(5000);
      await run(remote, 'pkill -f "sleep 31[.]5"');
    });

    test('a script that is too slow is given up, and ended with its children', async () => {
      const result = await run(remote, 'sleep 32.5 & echo begun; sleep 33.5', undefined, 700);
      const because = 'it did not end within 0.7 s';
      expect(result).toMatchObject({
        ok: false,
        failure: { kind: 'remote-output', what: 'a test', because, evidence: 'begun' },
      });
      expect(await gone('sleep 32.5')).toBe(true);
      expect(await gone('sleep 33.5')).toBe(true);
    });

    test('a shell that disappears is a failure, not a short answer', async () => {
      const result = await run(remote, 'echo half; kill -9 $PPID; sleep 0.3');
      expect(result).toMatchObject({ ok: false, failure: { kind: 'remote-output' } });
    });

    test('twelve at once all answer', async () => {
      const results = await Promise.all(
        Array.from({ length: 12 }, (_, index) => run(remote, `sleep 0.1; echo ${index}`)),
      );
      expect(results.map((result) => result.ok && result.value.stdout)).toEqual(
        Array.from({ length: 12 }, (_, index) => `${index}\n`),
      );
    });
  });

  describe('follow', () => {
    const follow = (text: string, signal = new AbortController().signal) =>
      remote.follow({ what: 'follow', text }, signal);

    test('yields text as it comes, and ends with the script', async () => {
      const following = follow(`printf 'a'; sleep 0.3; printf 'é漢'; sleep 0.1; echo`);
      const texts: string[] = [];
      for (;;) {
        const next = await following.next();
        if (next.done === true) {
          expect(next.value).toEqual({ ok: true, value: undefined });
          break;
        }
        texts.push(next.value);
      }
      expect(texts[0]).toBe('a');
      expect(texts.join('')).toBe('aé漢\n');
    });

    test('characters that are cut between chunks stay whole', async () => {
      let text = '';
      for await (const part of follow(`printf '\\303'; sleep 0.2; printf '\\251!'`)) text += part;
      expect(text).toBe('é!');
    });

    test('a script that fails gives its status and stderr', async () => {
      expect(await follow('echo oops >&2; exit 4').next()).toEqual({
        done: true,
        value: {
          ok: false,
          failure: { kind: 'remote-command', what: 'follow', exitCode: 4, stderr: 'oops' },
        },
      });
    });

    test('an abort ends it at once, and leaves no process behind', async () => {
      const file = home.write(`followed-${adapter.transport}-${adapter.host}.log`, 'first line\n');
      const abort = new AbortController();
      const following = follow(`tail -n +1 -F '${file}'`, abort.signal);
      expect(await following.next()).toEqual({ done: false, value: 'first line\n' });
      expect(processesWith(`tail -n +1 -F ${file}`)).toHaveLength(1);
      const waiting = following.next();
      const started = performance.now();
      abort.abort();
      expect(await waiting).toEqual({ done: true, value: { ok: true, value: undefined } });
      expect(performance.now() - started).toBeLessThan(500);
      expect(await gone(`-F ${file}`)).toBe(true);
    });

    test('a reader that stops early ends it as well', async () => {
      for await (const text of follow('echo tick; sleep 36.5; echo never')) {
        expect(text).toBe('tick\n');
        break;
      }
      expect(await gone('sleep 36.5')).toBe(true);
      expect(await run(remote, 'echo still here')).toMatchObject({ ok: true });
    });

    test('a fast writer loses nothing to a slow reader', async () => {
      let length = 0;
      let last = '';
      for await (const part of follow('seq 1 300000')) {
        length += part.length;
        last = part;
        if (length < 100_000) await sleep(5);
      }
      expect(length).toBe(1_988_895);
      expect(last.endsWith('\n300000\n')).toBe(true);
    });
  });

  describe('forward', () => {
    const channelTo = async (port: number) => {
      const opened = await remote.forward('127.0.0.1', port);
      if (!opened.ok) throw new Error(JSON.stringify(opened.failure));
      return opened.value;
    };

    test('carries bytes both ways, each side ending on its own', async () => {
      const channel = await channelTo(echoPort);
      const received = collect(channel);
      channel.write(Buffer.from('hello '));
      channel.write(Buffer.from('there'));
      channel.end();
      expect((await received).toString()).toBe('hello there|the end');
    });

    test('carries 20 MB unchanged', async () => {
      const channel = await channelTo(echoPort);
      const received = collect(channel);
      const sent = noise(20_000_000);
      let drained: () => void = () => undefined;
      channel.on('drain', () => drained());
      for (let at = 0; at < sent.length; at += 65_536) {
        if (!channel.write(sent.subarray(at, at + 65_536))) {
          await new Promise<void>((resolve) => (drained = resolve));
        }
      }
      channel.end();
      const back = await received;
      expect(back.subarray(0, sent.length).equals(sent)).toBe(true);
      expect(back.subarray(sent.length).toString()).toBe('|the end');
    });

    test('fifty at once', async () => {
      const answers = await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          const channel = await channelTo(echoPort);
          const received = collect(channel);
          channel.write(Buffer.from(`${index}`));
          channel.end();
          return (await received).toString();
        }),
      );
      expect(answers).toEqual(Array.from({ length: 50 }, (_, index) => `${index}|the end`));
    });

    test('a closed port is a refusal', async () => {
      const port = await freePort();
      const refused = await remote.forward('127.0.0.1', port);
      expect(refused).toMatchObject({
        ok: false,
        failure: {
          kind: 'forward-refused',
          target: `127.0.0.1:${port}`,
          because: expect.stringMatching(/refused/i) as unknown,
        },
      });
    });
  });
});

describe.skipIf(sshdMissing !== undefined).each(adapters)('the end of a connection: $name', (adapter) => {
  test('close is idempotent, is no loss, and later calls fail with a type', async () => {
    const remote = await open(adapter);
    await Promise.all([remote.close(), remote.close()]);
    await remote.close();
    expect(await remote.lost).toBeUndefined();
    expect(await run(remote, 'true')).toMatchObject({ ok: false, failure: { kind: 'connection-lost' } });
    const following = remote.follow({ what: 'follow', text: 'true' }, new AbortController().signal);
    expect(await following.next()).toMatchObject({ done: true, value: { ok: false } });
    expect(await remote.forward('127.0.0.1', 9)).toMatchObject({
      ok: false,
      failure: { kind: 'connection-lost' },
    });
  });

  test.skipIf(adapter.transport === 'local')('a cut is noticed by everything that is under way', async () => {
    const remote = await open(adapter);
    const server = createServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const channel = await remote.forward('127.0.0.1', (server.address() as AddressInfo).port);
    if (!channel.ok) throw new Error(JSON.stringify(channel.failure));
    const firstEnd = new Promise<string>((resolve) => {
      channel.value.on('error', () => resolve('error'));
      channel.value.on('end', () => resolve('end'));
      channel.value.resume();
    });
    const following = remote.follow(
      { what: 'follow', text: 'echo on; sleep 34.5' },
      new AbortController().signal,
    );
    await following.next();
    const followed = following.next();
    const running = run(remote, 'echo partial; sleep 35.5; echo never');
    while (processesWith('sleep 35.5').length === 0) await sleep(50);
    const started = performance.now();
    login.cut();
    expect(await running).toMatchObject({
      ok: false,
      failure: { kind: 'connection-lost', host: adapter.host },
    });
    expect(await followed).toMatchObject({
      done: true,
      value: { ok: false, failure: { kind: 'connection-lost' } },
    });
    expect(await remote.lost).toEqual(expect.any(String));
    // A stream that was cut must not look like one that has ended.
    expect(await firstEnd).toBe('error');
    expect(performance.now() - started).toBeLessThan(2000);
    expect(await run(remote, 'true')).toMatchObject({ ok: false, failure: { kind: 'connection-lost' } });
    expect(await gone('sleep 34.5')).toBe(true);
    execFileSync('sh', ['-c', 'pkill -f "sleep 35[.]5" || true']);
    await remote.close();
    server.close();
  });
});

const shells = ['/bin/bash', '/bin/dash', '/usr/bin/tcsh', '/usr/bin/fish', '/bin/zsh', '/bin/ksh'];

describe.skipIf(sshdMissing !== undefined)('login shells', () => {
  test.each(shells.filter((shell) => existsSync(shell)))('%s runs scripts unchanged', async (shell) => {
    const sshd = await startSshd({
      home,
      name: `shell${shell.replaceAll('/', '-')}`,
      authorizedKeys: [home.publicKey('user')],
      hostKeys: [home.path('login-host')],
      extra: [`ForceCommand exec ${shell} -c "$SSH_ORIGINAL_COMMAND"`],
    });
    const known = home.write('shell-known', `shell ${home.publicKey('login-host')}\n`);
    home.write(
      'shell-config',
      `Port ${sshd.port}
HostName 127.0.0.1
HostKeyAlias shell
IdentityFile ${home.path('user')}
UserKnownHostsFile ${known}
`,
    );
    const remote = await open({ transport: 'ssh2', host: 'shell' }, 'shell-config');
    const text = `x='it is'; printf '%s!\\n' "$x"; read -r y; echo "$y"; exit 5`;
    expect(await run(remote, text, Buffer.from('in\n'))).toEqual({
      ok: true,
      value: { exitCode: 5, stdout: 'it is!\nin\n', stderr: '' },
    });
    await remote.close();
    await sshd.stop();
  });
});
