/**
 * Edits that turn `a` into `b`: insertions, deletions, substitutions and swaps of neighbours (optimal string
 * alignment, Damerau 1964).
 */
function editDistance(a: string, b: string): number {
  let before: readonly number[] = [];
  let previous: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      current.push(
        Math.min(
          cell(previous, j - 1) + Number(a[i - 1] !== b[j - 1]),
          cell(previous, j) + 1,
          cell(current, j - 1) + 1,
          isSwap ? cell(before, j - 2) + 1 : Infinity,
        ),
      );
    }
    before = previous;
    previous = current;
  }
  return cell(previous, b.length);
}

function cell(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}

/** Longer words are cut: nobody mistypes them, and the distance costs length × length. */
const longest = 64;

/**
 * The candidates that `word` may have been meant to be, nearest first: at most a third of its letters differ, or it
 * is the beginning of the candidate. Letter case and the difference between `-`, `_` and `.` count for nothing.
 */
export function suggestions(word: string, candidates: Iterable<string>, max = 3): readonly string[] {
  const plain = (text: string): string => text.slice(0, longest).toLowerCase().replaceAll(/[-_.]/g, '-');
  const wanted = plain(word);
  if (wanted === '') return [];
  const near: { readonly candidate: string; readonly distance: number }[] = [];
  for (const candidate of new Set(candidates)) {
    const offered = plain(candidate);
    const begins = wanted.length >= 3 && offered.startsWith(wanted);
    const distance = begins ? 0.5 : editDistance(wanted, offered);
    if (distance <= Math.max(1, Math.floor(wanted.length / 3))) near.push({ candidate, distance });
  }
  near.sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1));
  return near.slice(0, max).map(({ candidate }) => candidate);
}

/** The candidate that `word` was most likely meant to be; undefined where none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  return suggestions(word, candidates, 1)[0];
}
