import { Document, isMap, isScalar, isSeq, visit, type YAMLMap } from 'yaml';
import type { ClusterProfile } from './profile.ts';
import { profileJsonSchema, type JsonSchema } from './schema-json.ts';

/** Tells the editor's YAML language server where the schema lies: beside the profile. */
export const modeline = '# yaml-language-server: $schema=./schema.json';

/** What stands above a part of the profile, for the person who edits it. */
const comments: Readonly<Record<string, string>> = {
  connection: 'How the login host is reached. Keys and jump hosts come from your ssh configuration.',
  root: 'Everything hpc-serve keeps on the cluster lies here; compute nodes must see it too.',
  timeZone: 'Schedules without a zone of their own are meant in this one.',
  partitions: "Where jobs may run. 'model' is a GPU of the catalog: hpc-serve gpus lists them.",
  accounts: 'Your accounts (associations) and their limits.',
  qos: 'Qualities of service and their limits.',
  slurm: 'What Slurm says about itself.',
  runtimes: 'What containers are run with, the preferred one first.',
  modules: 'Environment modules that matter here.',
  fileSystems: 'File systems seen; sizes are of the day on which init looked.',
  interfaces: 'Network interfaces of a compute node.',
  reservations: "Reservations known to Slurm, in the cluster's time.",
  images: 'Container images and the engine inside each.',
  programs: 'Engines that compute nodes have without a container.',
  models: 'Weights that are on the cluster already.',
  defaults: 'Used where the command line says nothing; kept when init runs again.',
};

const introduction = [
  modeline,
  '# A cluster profile of hpc-serve, written by `hpc-serve init`. Edit it freely; mistakes are reported with line and',
  '# column. What init can read again it writes again, but never over your edits without asking.',
].join('\n');

/** The profile as YAML for people: commented, without what is the default anyway. Reading it gives the same profile. */
export function writeProfile(profile: ClusterProfile): string {
  const document = new Document(withoutDefaults(profile, profileJsonSchema()), {
    aliasDuplicateObjects: false,
  });
  const top = document.contents as unknown as YAMLMap;
  for (const pair of top.items) {
    const key = isScalar(pair.key) ? pair.key : undefined;
    if (key === undefined) continue;
    key.spaceBefore = key.value !== 'name';
    const comment = comments[String(key.value)];
    if (comment !== undefined) key.commentBefore = ` ${comment}`;
  }
  writeShortCollectionsOnOneLine(document);
  const body = document.toString({ lineWidth: 110, flowCollectionPadding: true });
  return `${introduction}\n${body}${fingerprintPrefix}${fingerprint(body)}\n`;
}

const fingerprintPrefix = '\n# as written by init: ';

/** Whether `text` is exactly what `writeProfile` wrote, so that writing anew destroys nobody's work. */
export function isUnedited(text: string): boolean {
  const end = text.lastIndexOf(fingerprintPrefix);
  if (end === -1 || !text.startsWith(`${introduction}\n`)) return false;
  const body = text.slice(introduction.length + 1, end);
  return text.slice(end) === `${fingerprintPrefix}${fingerprint(body)}\n`;
}

/** FNV-1a, 32 bits (Fowler, Noll, Vo): tells an edited file from an untouched one, not a forged one from a true one. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** `value` without undefined members and without those that equal the schema's default. */
function withoutDefaults(value: unknown, schema: JsonSchema | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutDefaults(item, schema?.items));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => {
      const memberSchema = schema?.properties?.[key];
      const isDefault =
        memberSchema?.default !== undefined &&
        JSON.stringify(member) === JSON.stringify(memberSchema.default);
      if (member === undefined || isDefault) return [];
      return [[key, withoutDefaults(member, memberSchema)]];
    }),
  );
}

/** Lists of words, and groups that hold nothing but a few words, read best on one line. */
function writeShortCollectionsOnOneLine(document: Document): void {
  visit(document, {
    Seq(_, node) {
      if (node.items.every((item) => isScalar(item))) node.flow = true;
    },
    Map(_, node, path) {
      const isListItem = isSeq(path.at(-1));
      const isShort = node.items.length <= 3 && node.items.every((pair) => isScalar(pair.value));
      if (isListItem && isShort && isMap(node)) node.flow = true;
    },
  });
}
