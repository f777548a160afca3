import { it } from 'vitest';
import { truth, predicted, number, modelOf } from './truth.ts';
it('mem', () => {
  const stats: Record<string, number[]> = {};
  const lines: string[] = [];
  for (const row of truth('memory')) {
    const p = predicted(row);
    const w = number(row, 'weightsGiB'),
      k = number(row, 'kvCacheGiB'),
      lo = number(row, 'kvTokensFrom'),
      hi = number(row, 'kvTokensTo');
    const e = row.engine!;
    const ew = w === undefined ? undefined : (p.memory.weightsGiB / w - 1) * 100;
    const ek = k === undefined || k < 0 ? undefined : (p.memory.kvCacheGiB / k - 1) * 100;
    let et: number | undefined;
    if (lo !== undefined && hi !== undefined)
      et =
        p.kvCacheTokens < lo
          ? (p.kvCacheTokens / lo - 1) * 100
          : p.kvCacheTokens > hi
            ? (p.kvCacheTokens / hi - 1) * 100
            : 0;
    for (const [n, v] of [
      ['W', ew],
      ['K', ek],
      ['T', et],
    ] as const)
      if (v !== undefined) (stats[e + n] ??= []).push(Math.abs(v));
    lines.push(
      [
        row.model,
        row.weights,
        row.kvCache,
        row.tensor,
        row.pipeline,
        row.gpu,
        row.fraction,
        row.maxModelLen,
        row.maxNumBatchedTokens,
        row.version,
        'W',
        w,
        p.memory.weightsGiB.toFixed(2),
        ew?.toFixed(2),
        'A',
        p.memory.activationsGiB.toFixed(2),
        'K',
        k,
        p.memory.kvCacheGiB.toFixed(2),
        ek?.toFixed(2),
        'T',
        lo,
        p.kvCacheTokens,
        et?.toFixed(2),
      ].join(' '),
    );
  }
  console.log(lines.join('\n'));
  for (const [n, v] of Object.entries(stats)) {
    const s = v.toSorted((a, b) => a - b);
    console.log(
      'STAT',
      n,
      s.length,
      'mean',
      (s.reduce((a, b) => a + b) / s.length).toFixed(3),
      'median',
      s[s.length >> 1]!.toFixed(3),
      'max',
      s.at(-1)!.toFixed(2),
      '<=2',
      s.filter((x) => x <= 2).length,
    );
  }
});
it('fit', () => {
  for (const row of truth('fit')) {
    let m;
    try {
      m = modelOf(row);
    } catch (e) {
      console.log('FITX', String(e));
      continue;
    }
    const p = predicted(row);
    const need = Number(row.maxModelLen || Math.min(4096, m.contextLength));
    const fits = p.kvCacheTokens >= need;
    if (fits !== (row.fits === 'yes') || row.version === '0.15.1')
      console.log(
        'FIT',
        fits !== (row.fits === 'yes') ? 'WRONG' : 'ok',
        Object.values(row).join(' '),
        p.kvCacheTokens,
        JSON.stringify(p.memory),
      );
  }
});
