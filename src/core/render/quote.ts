/** Characters that no shell and no terminal treats specially, anywhere in a word. */
const plainWord = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * One word for a POSIX shell, whatever `value` holds: in single quotes, with `'` written as `'\''`. Anything but
 * a string, a finite number or a boolean, and a NUL (which no argument can carry), is a bug and throws.
 */
export function sh(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new TypeError(`not a finite number: ${value}`);
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    throw new TypeError(`can't quote ${value === null ? 'null' : typeof value} for a shell`);
  }
  const text = String(value);
  if (text.includes('\0')) throw new TypeError('a shell word cannot hold NUL');
  if (plainWord.test(text) && !text.startsWith('=')) return text;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
