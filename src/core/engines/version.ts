/** Whether version `have` is at least `want`, comparing dotted numbers; an unknown version counts as old. */
export function atLeast(have: string | null, want: string): boolean {
  if (have === null) return false;
  const parts = (version: string): number[] => version.replace(/^v/, '').split('.').map(Number.parseFloat);
  const [ours, theirs] = [parts(have), parts(want)];
  for (const [index, number] of theirs.entries()) {
    const mine = ours[index] ?? 0;
    if (mine !== number) return mine > number;
  }
  return true;
}
