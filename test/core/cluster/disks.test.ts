import { describe, expect, it } from 'vitest';
import { chooseRoot } from '../../../src/core/cluster/choose-root.ts';
import { fileSystemsOf, readDisks, readQuotas, type FileSystem } from '../../../src/core/cluster/disks.ts';
import type { Section } from '../../../src/core/cluster/sections.ts';

const section = (output: string): Section => ({ status: 0, output, errors: '' });

const disks = section(
  [
    'directory=/home/alice/',
    'writable=yes',
    'df=nas:/export/home nfs4 104857600 52428800 52428800 50% /home',
    'directory=/lustre/work alice',
    'writable=yes',
    'df=10.0.0.1@o2ib:10.0.0.2@o2ib:/lus lustre 10995116277760 0 1073741824 1% /lustre',
    'directory=/local',
    'df=/dev/sda 1 xfs 1000 0 - - /local',
    'directory=/odd',
    'df=nonsense',
  ].join('\n'),
);

const quota = section(
  [
    'Disk quotas for user alice (uid 1000):',
    '     Filesystem   space   quota   limit   grace   files   quota   limit   grace',
    'nas:/export/home  41943040* 44040192 45088768   6days     400  100000  110000',
    '/lustre  1048576 0 0 - 12 0 0 -',
  ].join('\n'),
);

describe('file systems', () => {
  it('are read from df, whatever their sources are called', () => {
    expect(readDisks(disks)).toMatchObject([
      { directory: '/home/alice', type: 'nfs4', mountPoint: '/home', freeGiB: 50, writable: true },
      { directory: '/lustre/work alice', type: 'lustre', freeGiB: 1024 },
      { directory: '/local', type: 'xfs', freeGiB: undefined, writable: false },
      { directory: '/odd', type: 'unknown' },
    ]);
  });

  it('have the quota that is left as free space; a limit of 0 is none', () => {
    expect(readQuotas(quota)).toEqual([{ where: 'nas:/export/home', usedGiB: 40, limitGiB: 42 }]);
    const [home] = fileSystemsOf(readDisks(disks), readQuotas(quota), '/home/alice', undefined);
    expect(home).toMatchObject({ shared: true, freeGiB: 2, quotaGiB: 42, usedGiB: 40 });
  });

  it('are shared as the node says, else as their type says', () => {
    const shared = (node: Parameters<typeof fileSystemsOf>[3]): readonly boolean[] =>
      fileSystemsOf(readDisks(disks), [], '/home/alice', node).map((one) => one.shared);
    expect(shared(undefined)).toEqual([true, true, false, false]);
    expect(shared({ shared: ['/odd'], notShared: ['/home/alice'] })).toEqual([false, true, false, true]);
  });
});

describe('chooseRoot', () => {
  const disk = (path: string, freeGiB: number, changes: Partial<FileSystem> = {}): FileSystem => ({
    path,
    type: 'nfs4',
    shared: true,
    writable: true,
    freeGiB,
    ...changes,
  });
  it.each([
    [
      'home when it is ample',
      [disk('/home/alice', 30), disk('/scratch/alice', 9000)],
      '/home/alice/hpc-serve',
    ],
    [
      'a project before scratch',
      [disk('/home/alice', 3), disk('/scratch/alice', 9000), disk('/proj/ml', 50)],
      '/proj/ml/alice/hpc-serve',
    ],
    [
      'scratch before a small home',
      [disk('/home/alice', 3), disk('/scratch/alice', 9000)],
      '/scratch/alice/hpc-serve',
    ],
    [
      'what is shared',
      [disk('/home/alice', 300, { shared: false }), disk('/scratch/alice', 90)],
      '/scratch/alice/hpc-serve',
    ],
    [
      'what can be written',
      [disk('/home/alice', 300, { writable: false }), disk('/scratch/alice', 90)],
      '/scratch/alice/hpc-serve',
    ],
    ['a small home before nothing', [disk('/home/alice', 3)], '/home/alice/hpc-serve'],
    ['home where nothing is known', [], '/home/alice/hpc-serve'],
  ])('takes %s', (_, fileSystems, path) => {
    expect(chooseRoot(fileSystems, '/home/alice', 'alice').path).toBe(path);
  });
});
