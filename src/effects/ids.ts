import type { Ids } from '../core/ports.ts';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** Names and keys from the operating system's random generator. */
export function createIds(): Ids {
  return {
    // 256 is a multiple of 32, so every character is equally likely.
    base32: (length) =>
      Array.from(crypto.getRandomValues(new Uint8Array(length)), (byte) => alphabet.charAt(byte % 32)).join(
        '',
      ),
  };
}
