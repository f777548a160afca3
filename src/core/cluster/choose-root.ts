import type { FileSystem } from './disks.ts';

/** The directory for everything that hpc-serve keeps on a cluster, and why it is that one. */
export interface RootChoice {
  readonly path: string;
  readonly because: string;
}

/** An engine built for a model takes some GiB, and so do caches: with less than this a place is too small. */
const ampleGiB = 20;

/**
 * Chooses the root among the shared and writable directories: home when it is ample, for it is not purged; else a
 * project or work directory, then the roomiest of the rest; else home, for want of better.
 */
export function chooseRoot(fileSystems: readonly FileSystem[], home: string, user: string): RootChoice {
  const usable = fileSystems.filter((candidate) => candidate.shared && candidate.writable);
  const ample = usable.filter((candidate) => (candidate.freeGiB ?? 0) >= ampleGiB);
  const below = (path: string): string => {
    const own = path === home || path.split('/').includes(user) ? path : `${path}/${user}`;
    return `${own.replace(/\/+$/, '')}/hpc-serve`;
  };
  const free = (candidate: FileSystem): string => `${String(Math.floor(candidate.freeGiB ?? 0))} GiB free`;

  const atHome = ample.find((candidate) => candidate.path === home);
  if (atHome !== undefined) {
    return { path: below(home), because: `your home directory is shared and has ${free(atHome)}` };
  }
  const best = ample.toSorted(
    (a, b) => rank(a.path) - rank(b.path) || (b.freeGiB ?? 0) - (a.freeGiB ?? 0),
  )[0];
  if (best !== undefined) {
    const purge = rank(best.path) === scratchRank ? '; check whether old files are deleted there' : '';
    return {
      path: below(best.path),
      because: `${best.path} is shared and has ${free(best)}, your home directory has less than ${ampleGiB}${purge}`,
    };
  }
  const small = usable.find((candidate) => candidate.path === home) ?? usable[0];
  if (small !== undefined) {
    return { path: below(small.path), because: `nothing roomier is shared and writable (${free(small)})` };
  }
  return {
    path: below(home === '' ? `/home/${user}` : home),
    because: 'no directory was found to be shared and writable; set root in the profile if this one is not',
  };
}

const scratchRank = 2;

/** Lower is better: kept for long first, purged last. */
function rank(path: string): number {
  if (/scratch|tmp|temp/i.test(path)) return scratchRank;
  return /proj|work|group|store|vault|data/i.test(path) ? 0 : 1;
}
