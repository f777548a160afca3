/** GPUs of one type. */
export interface GresGpus {
  /** The type in Slurm's gres, such as `h100`; null where the cluster's gres has none. */
  readonly type: string | null;
  readonly count: number;
}

const gpu = /^(?:gres[:/])?gpu(?::|$)/;
const countForm = /^\d{1,9}$/;

/**
 * The GPUs in a gres list, one entry a type: `gpu:h100:8(S:0-1)`, `gpu:8`, `gres:gpu:h100:4` (22.05),
 * `gres/gpu:h100:4` (newer), `gpu:a100:4(IDX:0,2-3),gpu:l40s:2`. Other gres (shard, mps, nvme …) and `(null)` give
 * nothing. A gres without a count means one, as in `--gres=gpu:h100`.
 */
export function parseGresGpus(text: string): readonly GresGpus[] {
  const byType = new Map<string | null, number>();
  for (const item of splitOutsideParentheses(text.trim())) {
    if (!gpu.test(item)) continue;
    const parts = item
      .replace(/^gres[:/]/, '')
      .split(':')
      .slice(1);
    const last = parts.at(-1) ?? '';
    const counted = countForm.test(last);
    const count = counted ? Number(last) : 1;
    const words = (counted ? parts.slice(0, -1) : parts).filter(
      (word) => word !== '' && word !== 'no_consume',
    );
    const type = words[0] ?? null;
    byType.set(type, (byType.get(type) ?? 0) + count);
  }
  return [...byType].map(([type, count]) => ({ type, count }));
}

/** Items between commas, without what stands in parentheses (`(S:0,2)` are sockets, `(IDX:0,3)` are indices). */
function splitOutsideParentheses(text: string): readonly string[] {
  const items: string[] = [];
  let item = '';
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth += 1;
    else if (character === ')') depth = Math.max(0, depth - 1);
    else if (depth > 0) continue;
    else if (character === ',') {
      items.push(item);
      item = '';
    } else item += character;
  }
  items.push(item);
  return items;
}
