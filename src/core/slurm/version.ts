/** A Slurm release: year, month and patch level of `24.11.5`. */
export interface SlurmVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

const release = /(?:^|[\s-])(\d{2})\.(\d{2})(?:\.(\d{1,3}))?(?![\d.])/;

/** The release in what `sinfo --version` prints: `slurm 24.11.5`, `slurm-wlm 22.05.8`, `slurm 23.02.7-1.el9`. */
export function parseSlurmVersion(text: string): SlurmVersion | undefined {
  const match = release.exec(text.slice(0, 200));
  if (match === null) return undefined;
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3] ?? 0) };
}

/** Whether `version` is `major.minor` or newer; an unknown version never is. */
export function isAtLeast(version: SlurmVersion | undefined, major: number, minor: number): boolean {
  if (version === undefined) return false;
  return version.major > major || (version.major === major && version.minor >= minor);
}
