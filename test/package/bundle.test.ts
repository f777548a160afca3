import { existsSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { profileOf } from '../../bench/support/profile.ts';

const addon = 'node_modules/ssh2/lib/protocol/crypto/build/Release/sshcrypto.node';
/** Prints the native code that the process has loaded, when it ends. */
const confess = `process.on('exit', () => console.log(process.report.getReport().sharedObjects.join('\\n')))`;

/** ssh2 does without its addon, and without a word, where it can't find it: this is the only sign. */
test.skipIf(!existsSync(addon))(
  'the bundle finds the native ciphers of ssh2 where npm built them',
  async () => {
    const home = mkdtempSync(join(tmpdir(), 'hpc-serve-bundle-'));
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      setTimeout(() => socket.destroy(), 1000);
    });
    try {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const clusters = join(home, '.config/hpc-serve/clusters');
      mkdirSync(clusters, { recursive: true });
      writeFileSync(join(clusters, 'bench.yaml'), profileOf({ name: 'bench', port }), { mode: 0o600 });
      const argv = [
        '--import',
        `data:text/javascript,${encodeURIComponent(confess)}`,
        'dist/main.js',
        'status',
      ];
      const env = { PATH: process.env['PATH'] ?? '', HOME: home };
      const { stdout } = await execa(process.execPath, argv, { env, extendEnv: false, reject: false });
      expect(stdout).toContain('sshcrypto.node');
    } finally {
      server.close();
      rmSync(home, { recursive: true, force: true });
    }
  },
);
