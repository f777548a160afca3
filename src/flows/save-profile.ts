import { changedParts, keepDecisions } from '../core/cluster/keep-edits.ts';
import { ProfileName, type ClusterProfile } from '../core/cluster/profile.ts';
import { readProfile } from '../core/cluster/read-profile.ts';
import { profileSchemaText } from '../core/cluster/schema-json.ts';
import { isUnedited, writeProfile } from '../core/cluster/write-profile.ts';
import type { ProfileFile, ProfileFiles, Prompt } from '../core/ports.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { InitRequest, InitResult } from './init.ts';

interface SavePorts {
  readonly profiles: ProfileFiles;
  readonly prompt: Prompt | undefined;
}

/** The profile that is there already. */
interface Former {
  readonly file: ProfileFile;
  readonly text: string;
  /** Undefined where it can't be understood. */
  readonly profile: ClusterProfile | undefined;
}

type Saved = Omit<InitResult, 'findings'>;

/**
 * Writes the profile. One that is there and was edited, or is of another cluster, is replaced only with --force or when
 * the user agrees; what the user had decided is kept.
 */
export async function saveProfile(
  ports: SavePorts,
  found: ClusterProfile,
  request: Pick<InitRequest, 'root' | 'lookOnNode' | 'force' | 'dryRun'>,
): Promise<Result<Saved>> {
  if (!ProfileName.safeParse(found.name).success) {
    const hint = 'letters, digits, and . _ - inside; for example --name lab';
    return fail({
      kind: 'usage',
      message: `${JSON.stringify(found.name)} can't be the name of a profile`,
      hint,
    });
  }
  const former = await formerOf(ports.profiles, found.name);
  if (!former.ok) return former;
  const before = former.value?.profile;
  const isSame = before !== undefined && isSameCluster(before, found);
  const asked = { root: request.root !== undefined, node: request.lookOnNode };
  const text = writeProfile(isSame ? keepDecisions(before, found, asked) : found);
  const checked = readProfile(`${found.name}.yaml`, found.name, text);
  if (!checked.ok) return checked;
  const profile = checked.value;
  const changed = before === undefined ? [] : changedParts(before, profile);
  const result = { profile, text, changed };
  if (request.dryRun) return ok({ ...result, file: undefined, outcome: 'dry-run' });
  if (former.value !== undefined) {
    const { file } = former.value;
    if (isSame && changed.length === 0) return ok({ ...result, file, outcome: 'same' });
    const refusal =
      isSame && isUnedited(former.value.text) ? undefined : whyNot(former.value, isSame, changed);
    if (refusal !== undefined && !request.force) {
      const agreed =
        (await ports.prompt?.confirm(`${refusal.message}\n${refusal.hint} Replace it?`)) ?? false;
      if (!agreed) return fail({ kind: 'usage', ...refusal });
    }
  }
  const written = await ports.profiles.write(profile.name, text, profileSchemaText());
  if (!written.ok) return written;
  return ok({ ...result, file: written.value, outcome: former.value === undefined ? 'new' : 'changed' });
}

async function formerOf(profiles: ProfileFiles, name: string): Promise<Result<Former | undefined>> {
  const files = await profiles.list();
  if (!files.ok) return files;
  const file = files.value.find((candidate) => candidate.name === name);
  if (file === undefined) return ok(undefined);
  const read = await profiles.read(file);
  if (!read.ok) return read;
  const profile = readProfile(file.path, name, read.value.text);
  return ok({ file, text: read.value.text, profile: profile.ok ? profile.value : undefined });
}

/** The same cluster may be reached by another name of its login host. */
function isSameCluster(before: ClusterProfile, found: ClusterProfile): boolean {
  const names = [before.slurm.clusterName, found.slurm.clusterName];
  if (names.every((name) => name !== undefined)) return names[0] === names[1];
  return before.connection.host === found.connection.host;
}

function whyNot(
  former: Former,
  isSame: boolean,
  changed: readonly string[],
): { readonly message: string; readonly hint: string } {
  const { file, profile } = former;
  if (profile === undefined) {
    return { message: `${file.path} is there already and can't be read`, hint: '--force replaces it.' };
  }
  if (!isSame) {
    return {
      message: `${file.path} is the profile of another cluster, reached by ${profile.connection.host}`,
      hint: '--name gives the new one another name; --force replaces the old one.',
    };
  }
  return {
    message: `${file.path} was edited, and ${changed.join(', ')} would change in it`,
    hint: '--force writes it; defaults, root and entries of your own are kept, comments are not. --dry-run shows it.',
  };
}
