const form = /^(\d{1,15}(?:\.\d{1,6})?)([KMGTP])?(?:i?B)?([nc])?$/i;

/** MiB in one of Slurm's units, which are powers of 1024. */
const MEBIBYTES: Readonly<Record<string, number>> = {
  K: 1 / 1024,
  M: 1,
  G: 1024,
  T: 1024 ** 2,
  P: 1024 ** 3,
};

/**
 * MiB in a memory size as Slurm prints it: `1000000M`, `4G`, `1.50T`, `500K`, a bare number (MiB), and the older
 * `2048Mn` (per node) or `2048Mc` (per CPU). Null for UNLIMITED, N/A and whatever else is no size.
 */
export function parseMemoryMiB(text: string): number | null {
  const match = form.exec(text.trim());
  if (match === null) return null;
  const factor = MEBIBYTES[(match[2] ?? 'M').toUpperCase()] ?? 1;
  return Math.floor(Number(match[1]) * factor);
}
