import type { Failure } from '../../core/failure.ts';
import type { Prompt } from '../../core/ports.ts';
import type { HostKeyVerdict } from '../../core/ssh/known-hosts.ts';
import { keyTypeOf } from '../../core/ssh/known-hosts.ts';
import { fingerprintOf, recordHostKey, type KnownHosts } from './known-hosts.ts';
import type { SshSettings } from './ssh-settings.ts';

/**
 * Decides on the key that a host presents: undefined to go on, or why not.
 * The prompt is absent where nobody is there to ask.
 */
export async function decideHostKey(
  settings: SshSettings,
  known: KnownHosts,
  key: Buffer,
  prompt: Prompt | undefined,
): Promise<Failure | undefined> {
  const verdict = known.judge(key);
  if (verdict.kind === 'known') return undefined;
  if (verdict.kind !== 'unknown') return refusal(settings, verdict, key);
  const agreed = settings.strictHostKeyChecking === 'accept-new' || (await askAbout(settings, key, prompt));
  if (!agreed) {
    const file = settings.userKnownHosts[0] ?? '~/.ssh/known_hosts';
    return { kind: 'host-key-unknown', host: settings.host, fingerprint: fingerprintOf(key), file };
  }
  const recorded = await recordHostKey(settings, key);
  return recorded.ok ? undefined : recorded.failure;
}

function refusal(
  settings: SshSettings,
  verdict: Exclude<HostKeyVerdict, { readonly kind: 'known' | 'unknown' }>,
  key: Buffer,
): Failure {
  const { host } = settings;
  if (verdict.kind === 'certificate') return { kind: 'host-certificate', host, where: verdict.where };
  const fingerprint = fingerprintOf(key);
  return { kind: 'host-key-refused', host, fingerprint, reason: verdict.kind, where: verdict.where };
}

async function askAbout(settings: SshSettings, key: Buffer, prompt: Prompt | undefined): Promise<boolean> {
  if (prompt === undefined || settings.strictHostKeyChecking === 'yes') return false;
  const type = (keyTypeOf(key.toString('base64')) ?? '').replace(/^(ssh|ecdsa-sha2)-/, '').toUpperCase();
  return prompt.confirm(
    `The host "${settings.host}" (${settings.hostName}, port ${settings.port}) is not known yet.\n` +
      `Its ${type} key has the fingerprint ${fingerprintOf(key)}.\n` +
      'Compare it with the one that your cluster publishes. Connect, and remember this key?',
  );
}

/** The only verifier shape that is given to ssh2. */
export type HostVerifier = (key: Buffer, verify: (permitted: boolean) => void) => undefined;

/**
 * Turns an asynchronous decision into the one shape that ssh2 1.17 waits for and obeys. ssh2 refuses a key on the exact
 * value `false` alone, and takes whatever else a verifier returns (a promise, null, nothing said in time) for consent;
 * so this returns undefined, always, and calls `verify` once, with a boolean, whatever `decide` does.
 * ssh2 asks again at every key exchange: a host that presents another key then is refused.
 */
export function hostVerifier(
  decide: (key: Buffer) => Promise<boolean>,
  onError: (error: unknown) => void,
): HostVerifier {
  let accepted: Buffer | undefined;
  return (key, verify) => {
    if (accepted !== undefined) {
      verify(accepted.equals(key));
      return undefined;
    }
    // ssh2 reuses the memory of the packet that the key came in.
    const presented = Buffer.from(key);
    decide(presented).then(
      (permitted) => {
        const yes = (permitted as unknown) === true;
        if (yes) accepted = presented;
        verify(yes);
      },
      (error: unknown) => {
        onError(error);
        verify(false);
      },
    );
    return undefined;
  };
}
