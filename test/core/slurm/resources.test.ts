import { describe, expect, it } from 'vitest';
import { parseGresGpus } from '../../../src/core/slurm/gres.ts';
import { parseMemoryMiB } from '../../../src/core/slurm/memory.ts';
import { gpusIn, parseTres } from '../../../src/core/slurm/tres.ts';

describe('parseMemoryMiB', () => {
  it.each([
    ['1000000M', 1_000_000],
    ['1000000', 1_000_000],
    ['4G', 4_096],
    ['500G', 512_000],
    ['1T', 1_048_576],
    ['1.50T', 1_572_864],
    ['512K', 0],
    ['2048Mn', 2_048],
    ['2048Mc', 2_048],
    ['0', 0],
    ['UNLIMITED', null],
    ['N/A', null],
    ['', null],
    ['-1', null],
  ])('%s', (text, expected) => {
    expect(parseMemoryMiB(text)).toBe(expected);
  });
});

describe('parseTres', () => {
  it('reads counts, and memory as MiB', () => {
    const tres = parseTres('cpu=96,mem=1T,node=1,billing=96,gres/gpu=8,gres/gpu:h100=8');
    expect(Object.fromEntries(tres)).toEqual({
      cpu: 96,
      mem: 1_048_576,
      node: 1,
      billing: 96,
      'gres/gpu': 8,
      'gres/gpu:h100': 8,
    });
    expect(gpusIn(tres)).toBe(8);
  });

  it('sums typed GPUs where the total is not tracked', () => {
    expect(gpusIn(parseTres('gres/gpu:a100=4,gres/gpu:l40s=2'))).toBe(6);
  });

  it.each(['', '(null)', 'N/A', '=', 'cpu', 'cpu=many'])('finds nothing in "%s"', (text) => {
    expect(parseTres(text).size).toBe(0);
  });
});

describe('parseGresGpus', () => {
  const h100 = (count: number): unknown => [{ type: 'h100', count }];
  it.each([
    ['gpu:h100:8', h100(8)],
    ['gpu:h100:8(S:0-1)', h100(8)],
    ['gpu:h100:4(IDX:0-3)', h100(4)],
    ['gpu:h100:0(IDX:N/A)', h100(0)],
    ['gres:gpu:h100:4', h100(4)],
    ['gres/gpu:h100:4', h100(4)],
    ['gpu:h100', h100(1)],
    ['gpu:8', [{ type: null, count: 8 }]],
    ['gpu', [{ type: null, count: 1 }]],
    ['gpu:a100_3g.20gb:2', [{ type: 'a100_3g.20gb', count: 2 }]],
    [
      'gpu:a100:4(S:0,2-3),gpu:l40s:2(S:1),shard:16,mps:100',
      [
        { type: 'a100', count: 4 },
        { type: 'l40s', count: 2 },
      ],
    ],
    ['gpu:h100:4(S:0),gpu:h100:4(S:1)', h100(8)],
    ['(null)', []],
    ['', []],
    ['nvme:1', []],
    ['gpumem:80', []],
  ])('%s', (text, expected) => {
    expect(parseGresGpus(text)).toEqual(expected);
  });
});
