import type { Remote } from '../../core/ports.ts';

const longestKey = 1_024;

/**
 * The API key in a file on the cluster; undefined when it can't be read, or is no key. The path travels on stdin, so
 * that it needs no quoting, and the answer is bounded, whatever the path leads to.
 */
export async function readKey(remote: Remote, keyFile: string): Promise<string | undefined> {
  const result = await remote.run({
    what: 'read the API key',
    text: `IFS= read -r file && head -c ${longestKey} < "$file"`,
    input: new TextEncoder().encode(`${keyFile}\n`),
    timeoutMs: 10_000,
  });
  if (!result.ok || result.value.exitCode !== 0) return undefined;
  const key = result.value.stdout.trim();
  return /^[\x21-\x7e]+$/.test(key) ? key : undefined;
}
