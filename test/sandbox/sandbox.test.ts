import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runSandbox } from '../../src/sandbox/sandbox.ts';

const root = join(import.meta.dirname, '../..');
const states = mkdtempSync(join(tmpdir(), 'hpc-serve-sandbox-test-'));
process.env['XDG_STATE_HOME'] = states;

afterAll(() => {
  rmSync(states, { recursive: true });
});

test('a sandbox that is not there is down', async () => {
  const status = await runSandbox(root, 'status', { name: 'nobody' });
  expect(status).toMatchObject({
    ok: true,
    value: { name: 'nobody', state: 'down', stateDir: join(states, 'hpc-serve/sandbox/nobody') },
  });
});

test.each([
  [{ name: 'A;b' }, "--name: 'A;b' is not a lower-case letter followed by up to 30 of a-z 0-9 -"],
  [{ suite: 'woody' }, "--suite: 'woody' is none of bookworm, trixie, sid"],
  [{ nodes: 0 }, "--nodes: '0' is not a number from 1 to 64"],
  [{ port: 70_000 }, "--port: '70000' is not a TCP port"],
])('refuses %j', async (request, message) => {
  expect(await runSandbox(root, 'status', request)).toEqual({
    ok: false,
    failure: { kind: 'usage', message },
  });
});
