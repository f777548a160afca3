/** One line of a benchmark: what was measured on ours and, in the same run, on what it is compared with. */
export interface Measurement {
  readonly what: string;
  readonly unit: 'ms' | 'requests/s' | 'MB/s' | 'round trips';
  readonly ours: number;
  /** Absent where the number itself has a limit, as a count of round trips has. */
  readonly reference?: { readonly what: string; readonly value: number };
  /** The limit of the ratio ours ÷ reference, or of `ours` where there is no reference. */
  readonly limit?: { readonly atMost: number } | { readonly atLeast: number };
}

/** What a file of bench/ exports: measures, prints nothing on stdout, leaves nothing behind. */
export type Benchmark = () => Promise<readonly Measurement[]>;

/** The middle value; with an even number of samples the upper of the two. */
export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** The value that a share `q` of the samples lies below. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
  if (value === undefined) throw new Error('no samples');
  return value;
}

/**
 * Takes `rounds` samples of every candidate, one of each in turn, so that a slow moment of the machine meets all of
 * them. The first round warms the file cache and is not counted.
 */
export async function interleave<Name extends string>(
  candidates: Readonly<Record<Name, () => Promise<number>>>,
  rounds: number,
): Promise<Readonly<Record<Name, readonly number[]>>> {
  const names = Object.keys(candidates) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>;
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of names) {
      const sample = await candidates[name]();
      if (round > 0) samples[name].push(sample);
    }
  }
  return samples;
}
