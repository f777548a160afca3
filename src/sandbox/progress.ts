/** What the sandbox's programs say on stderr while they work; the words are in clusters/sandbox/lib/say.sh. */
export type SandboxProgress =
  /** A step begins. */
  | { readonly kind: 'step'; readonly step: number; readonly steps: number; readonly text: string }
  /** The step that began last goes on. */
  | { readonly kind: 'still'; readonly text: string; readonly seconds: number }
  /** The reason why it ends now. */
  | { readonly kind: 'end'; readonly text: string }
  | { readonly kind: 'note'; readonly text: string };

/** Reads one line. Whatever is not ours (a message of apt-get, say) is a note. */
export function parseProgress(line: string): SandboxProgress {
  const step = /^STEP (\d+)\/(\d+) (.+)$/.exec(line);
  if (step) return { kind: 'step', step: Number(step[1]), steps: Number(step[2]), text: step[3] ?? '' };
  const still = /^ {2}… still (.+) \((\d+) s\)$/.exec(line);
  if (still) return { kind: 'still', text: still[1] ?? '', seconds: Number(still[2]) };
  const end = /^sandbox: (.+)$/.exec(line);
  if (end) return { kind: 'end', text: end[1] ?? '' };
  return { kind: 'note', text: line.trim() };
}
