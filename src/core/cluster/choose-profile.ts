import type { ProfileFile } from '../ports.ts';
import { fail, ok, type Result } from '../result.ts';

/**
 * The profile that a command means: the one named by `--cluster`, else by `HPC_SERVE_CLUSTER`, else the only one.
 * Fails with the known names where the named one does not exist, none exists, or several do and none is named.
 */
export function chooseProfile(
  files: readonly ProfileFile[],
  option: string | undefined,
  environment: string | undefined,
): Result<ProfileFile> {
  const known = files.map((file) => file.name).sort();
  const wanted = option ?? (environment === '' ? undefined : environment);
  if (wanted !== undefined) {
    const named = files.find((file) => file.name === wanted);
    return named === undefined ? fail({ kind: 'profile-missing', name: wanted, known }) : ok(named);
  }
  const [only, ...others] = files;
  if (only === undefined) return fail({ kind: 'profile-missing', name: undefined, known });
  if (others.length > 0) return fail({ kind: 'profile-ambiguous', known });
  return ok(only);
}
