import type { ClusterProfile } from './profile.ts';
import { valuesOf, type Section } from './sections.ts';

export type FileSystem = ClusterProfile['fileSystems'][number];

/** What was seen of one directory on the login host. */
export interface Disk {
  readonly directory: string;
  readonly writable: boolean;
  /** What is mounted there, such as `server:/home` or `/dev/sda1`. */
  readonly source: string;
  readonly type: string;
  readonly mountPoint: string;
  readonly freeGiB: number | undefined;
}

/** A user's quota on one file system, in GiB. */
export interface Quota {
  /** Device, export or mount point, as the program names it. */
  readonly where: string;
  readonly usedGiB: number;
  readonly limitGiB: number;
}

const KiBperGiB = 2 ** 20;

function gibibytes(kibibytes: number): number {
  return Math.round((kibibytes / KiBperGiB) * 10) / 10;
}

/** `Filesystem Type 1024-blocks Used Available Capacity Mounted-on`, as `df -PTk` prints it. */
const dfLine =
  /^(?<source>.+?)\s+(?<type>\S+)\s+(?:\d+|-)\s+(?:\d+|-)\s+(?<free>-?\d+|-)\s+(?:\d+%|-)\s+(?<mount>\/.*)$/;

/** Reads the section `disks` of the probe. A directory without an understandable df line keeps type `unknown`. */
export function readDisks(section: Section | undefined): readonly Disk[] {
  const blocks = `\n${section?.output ?? ''}`.split('\ndirectory=').slice(1);
  return blocks.map((block) => {
    const [directory = '', ...lines] = block.split('\n');
    const df = lines.find((line) => line.startsWith('df='))?.slice('df='.length) ?? '';
    const { source = '', type = 'unknown', mount = '', free } = dfLine.exec(df)?.groups ?? {};
    return {
      directory: directory.length > 1 ? directory.replace(/\/+$/, '') : directory,
      writable: lines.includes('writable=yes'),
      source,
      type,
      mountPoint: mount,
      freeGiB: free === undefined || free === '-' ? undefined : gibibytes(Math.max(Number(free), 0)),
    };
  });
}

/** Directories that did not answer in time: their file server may be down. */
export function slowDirectories(section: Section | undefined): readonly string[] {
  return valuesOf(section, 'slow');
}

/**
 * The rows of `quota -w` and of `lfs quota -q`: where, used KiB (with `*` when exceeded), soft and hard limit in KiB;
 * a limit of 0 is none. A soft limit may be exceeded for days only, so it is the one that counts.
 */
const quotaRow = /^\s*(?<where>\/?\S+)\s+(?<used>\d+)\*?\s+(?<soft>\d+)\s+(?<hard>\d+)\s/;

/** Reads the sections `quota` and `lustre-quota`. */
export function readQuotas(...sections: readonly (Section | undefined)[]): readonly Quota[] {
  return sections.flatMap((section) =>
    (section?.output ?? '').split('\n').flatMap((line) => {
      const row = quotaRow.exec(`${line} `)?.groups;
      const limit = Number(row?.['soft']) || Number(row?.['hard']);
      if (row === undefined || !(limit > 0)) return [];
      return [
        { where: row['where'] ?? '', usedGiB: gibibytes(Number(row['used'])), limitGiB: gibibytes(limit) },
      ];
    }),
  );
}

/** Types whose content every host that mounts them sees alike. */
const networkTypes =
  /^(?:nfs4?|lustre|gpfs|beegfs(?:_nodev)?|ceph|fuse\.ceph.*|wekafs|panfs|pvfs2|orangefs|(?:fuse\.)?glusterfs|afs|9p|virtiofs|cifs|smb3|fuse\.(?:juicefs|sshfs|mfs|daos|moosefs)|daos|gfs2|ocfs2|efs)$/;

/** What a compute node says about the directories: seen there, another one of that name, or none. */
export interface NodeShares {
  readonly shared: readonly string[];
  readonly notShared: readonly string[];
}

/**
 * The file systems for the profile. What the node said about a directory holds; else a network file system is taken as
 * shared, and so is the home directory, because jobs could hardly run where it is not.
 */
export function fileSystemsOf(
  disks: readonly Disk[],
  quotas: readonly Quota[],
  home: string,
  node: NodeShares | undefined,
): readonly FileSystem[] {
  return disks.map((disk) => {
    const quota = quotas.find(({ where }) => where === disk.source || where === disk.mountPoint);
    const seen = node?.shared.includes(disk.directory);
    const unseen = node?.notShared.includes(disk.directory);
    const likely = networkTypes.test(disk.type) || disk.directory === home;
    const left = quota === undefined ? undefined : Math.max(0, quota.limitGiB - quota.usedGiB);
    return {
      path: disk.directory,
      type: disk.type,
      shared: seen === true || (likely && unseen !== true),
      writable: disk.writable,
      ...(disk.freeGiB === undefined ? {} : { freeGiB: Math.min(disk.freeGiB, left ?? Infinity) }),
      ...(quota === undefined ? {} : { quotaGiB: quota.limitGiB, usedGiB: quota.usedGiB }),
    };
  });
}
