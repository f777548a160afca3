import { chooseProfile } from '../core/cluster/choose-profile.ts';
import type { ClusterProfile } from '../core/cluster/profile.ts';
import type { ProfileFiles } from '../core/ports.ts';
import { ok, type Result } from '../core/result.ts';

/**
 * The profile of the cluster that a command means: `name`, else the only one. The YAML parser and the schema are
 * loaded only when the file has changed since it was last read, for they take longer than the rest of `status`.
 */
export async function loadProfile(
  { profiles }: { readonly profiles: ProfileFiles },
  name: string | undefined,
): Promise<Result<ClusterProfile>> {
  const files = await profiles.list();
  if (!files.ok) return files;
  const file = chooseProfile(files.value, name);
  if (!file.ok) return file;
  const remembered = await profiles.recall(file.value);
  if (isProfile(remembered)) return ok(remembered);

  const read = await profiles.read(file.value);
  if (!read.ok) return read;
  const { readProfile } = await import('../core/cluster/read-profile.ts');
  const profile = readProfile(file.value.path, file.value.name, read.value.text);
  if (profile.ok) await profiles.remember(file.value, read.value, profile.value);
  return profile;
}

/** A cheap look at what this program itself has written: enough to pass over a damaged cache. */
function isProfile(value: unknown): value is ClusterProfile {
  if (typeof value !== 'object' || value === null) return false;
  const { name, root, connection, slurm, partitions } = value as Partial<ClusterProfile>;
  return (
    typeof name === 'string' &&
    typeof root === 'string' &&
    typeof connection?.host === 'string' &&
    typeof slurm?.version === 'string' &&
    Array.isArray(partitions)
  );
}
