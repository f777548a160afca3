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

type SaveRequest = Pick<InitRequest, 'root' | 'lookOnNode' | 'force' | 'dryRun'>;
type Saved = Omit<InitResult, 'findings'>;

/**
 * Writes the profile. One that is there and was edited, or is of another cluster, is replaced only with --force or when
 * the user agrees; what the user had decided is kept.
 */
export async function saveProfile(
  ports: SavePorts,
  found: ClusterProfile,
  request: SaveRequest,
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
  const draft = draftOf(found, former.value, request);
  if (!draft.ok) return draft;
  const { profile, text, changed, isSame } = draft.value;
  const result = { profile, text, changed };
  if (request.dryRun) return ok({ ...result, file: undefined, outcome: 'dry-run' });

  if (former.value !== undefined) {
    if (isSame && changed.length === 0) return ok({ ...result, file: former.value.file, outcome: 'same' });
    const agreed = request.force ? ok(undefined) : await agree(ports.prompt, former.value, draft.value);
    if (!agreed.ok) return agreed;
  }
  const written = await ports.profiles.write(profile.name, text, profileSchemaText());
  if (!written.ok) return written;
  return ok({ ...result, file: written.value, outcome: former.value === undefined ? 'new' : 'changed' });
}

interface Draft {
  readonly profile: ClusterProfile;
  readonly text: string;
  readonly changed: readonly string[];
  /** Whether the profile that is there is of the same cluster. */
  readonly isSame: boolean;
}

/** What would be written: checked by reading it, so that init never writes what submit then refuses. */
function draftOf(found: ClusterProfile, former: Former | undefined, request: SaveRequest): Result<Draft> {
  const before = former?.profile;
  const isSame = before !== undefined && isSameCluster(before, found);
  const asked = { root: request.root !== undefined, node: request.lookOnNode };
  const text = writeProfile(isSame ? keepDecisions(before, found, asked) : found);
  const profile = readProfile(`${found.name}.yaml`, found.name, text);
  if (!profile.ok) return profile;
  const changed = before === undefined ? [] : changedParts(before, profile.value);
  return ok({ profile: profile.value, text, changed, isSame });
}

/** Whether the profile that is there may be replaced: untouched ones may, for others the user is asked. */
async function agree(
  prompt: Prompt | undefined,
  former: Former,
  { isSame, changed }: Draft,
): Promise<Result<undefined>> {
  if (isSame && isUnedited(former.text)) return ok(undefined);
  const refusal = whyNot(former, isSame, changed);
  const agreed = (await prompt?.confirm(`${refusal.message}\n${refusal.hint} Replace it?`)) ?? false;
  return agreed ? ok(undefined) : fail({ kind: 'usage', ...refusal });
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
    return { message: `${file.path} is there already, with mistakes in it`, hint: '--force replaces it.' };
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
