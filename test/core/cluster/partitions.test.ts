import { describe, expect, it } from 'vitest';
import { nameGpus, partitionsOf, type User } from '../../../src/core/cluster/partitions.ts';
import { parseNodes } from '../../../src/core/slurm/scontrol-node.ts';
import { parsePartitions } from '../../../src/core/slurm/scontrol-partition.ts';

const user: User = { groups: ['hpc'], accounts: ['ml', 'trial'], qos: ['normal'] };

const partition = (name: string, more = ''): string =>
  `PartitionName=${name} ${more} MaxTime=1-00:00:00 MaxNodes=UNLIMITED Nodes=n[1-2] State=UP TotalNodes=2 TRES=cpu=64,mem=256000M,node=2,gres/gpu=8`;
const node = (name: string, partitions: string, more = 'Gres=gpu:a100:4(S:0-1) RealMemory=128000'): string =>
  `NodeName=${name} CPUTot=32 AvailableFeatures=a100,80g ${more} State=IDLE Partitions=${partitions} `;

function read(
  partitionLines: readonly string[],
  nodeLines: readonly string[] = [],
  preemptType: string | null = null,
): ReturnType<typeof partitionsOf> {
  return partitionsOf(
    parsePartitions(partitionLines.join('\n')),
    parseNodes(nodeLines.join('\n')),
    preemptType,
    user,
  );
}

describe('partitionsOf', () => {
  it('puts nodes of one shape together', () => {
    const [found] = read(
      [partition('gpu')],
      [
        node('n1', 'gpu'),
        node('n2', 'gpu,debug'),
        node('fat1', 'gpu', 'Gres=(null) RealMemory=2000000 MemSpecLimit=8000'),
        node('other', 'debug'),
        node('future', 'gpu', 'RealMemory=1').replace('IDLE', 'FUTURE'),
      ],
    );
    expect(found?.partition.nodes).toMatchObject([
      { names: 'n[1-2]', count: 2, cpus: 32, memoryMiB: 128_000, gpus: [{ gres: 'a100', count: 4 }] },
      { names: 'fat1', count: 1, memoryMiB: 1_992_000, gpus: [] },
    ]);
  });

  it('spreads the totals where nodes are hidden', () => {
    const [found] = read([partition('gpu')]);
    expect(found?.partition.nodes).toEqual([
      { names: 'n[1-2]', count: 2, cpus: 32, memoryMiB: 128_000, gpus: [{ count: 4 }], features: [] },
    ]);
  });

  it.each([
    ['AllowGroups=staff', /groups staff/],
    ['AllowAccounts=physics', /other accounts/],
    ['DenyAccounts=ml,trial', /other accounts/],
    ['RootOnly=YES', /root/],
    ['ReqResv=YES', /reservation/],
    ['AllowGroups=hpc AllowAccounts=ml', undefined],
  ])('%s', (rule, closed) => {
    const [found] = read([partition('gpu', rule)]);
    if (closed === undefined) expect(found?.closed).toBeUndefined();
    else expect(found?.closed).toMatch(closed);
  });

  it('turns a denied account into the list of the others', () => {
    expect(read([partition('gpu', 'DenyAccounts=trial')])[0]?.partition.accounts).toEqual(['ml']);
  });

  it('calls a partition preemptible only where a higher one shares its nodes', () => {
    const lines = [
      partition('high', 'PriorityTier=10 PreemptMode=OFF'),
      partition('low', 'PriorityTier=1 PreemptMode=REQUEUE'),
      partition('alone', 'PriorityTier=1 PreemptMode=REQUEUE'),
    ];
    const nodes = [node('n1', 'high,low'), node('n2', 'alone')];
    const preemptible = (type: string | null): readonly boolean[] =>
      read(lines, nodes, type).map((found) => found.partition.preemptible);
    expect(preemptible('preempt/partition_prio')).toEqual([false, true, false]);
    expect(preemptible('preempt/qos')).toEqual([false, false, false]);
    expect(preemptible(null)).toEqual([false, false, false]);
  });
});

it('an answer counts more than words, and `*` less', () => {
  const [{ partition: bare } = { partition: undefined }] = read([partition('gpu')], [node('n1', 'gpu')]);
  const name = (answers: ReadonlyMap<string, string>, known?: string): string | undefined =>
    nameGpus(bare === undefined ? [] : [bare], () => known, answers)[0]?.nodes[0]?.gpus[0]?.model;
  expect(name(new Map())).toBeUndefined();
  expect(name(new Map([['*', 'h100-80']]))).toBe('h100-80');
  expect(name(new Map([['*', 'h100-80']]), 'a100-80')).toBe('a100-80');
  expect(name(new Map([['a100', 'a100-40']]), 'a100-80')).toBe('a100-40');
});
