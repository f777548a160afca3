import type { ProfileFile } from '../ports.ts';
import { fail, ok, type Result } from '../result.ts';

/**
 * The profile that a command means: the one `named` by --cluster or HPC_SERVE_CLUSTER, else the only one. Fails with the
 * known names where the named one does not exist, none exists, or several do and none is named.
 */
export function chooseProfile(files: readonly ProfileFile[], named: string | undefined): Result<ProfileFile> {
  const known = files.map((file) => file.name).sort();
  if (named !== undefined && named !== '') {
    const file = files.find((candidate) => candidate.name === named);
    return file === undefined ? fail({ kind: 'profile-missing', name: named, known }) : ok(file);
  }
  const [only, ...others] = files;
  if (only === undefined) return fail({ kind: 'profile-missing', name: undefined, known });
  if (others.length > 0) return fail({ kind: 'profile-ambiguous', known });
  return ok(only);
}
