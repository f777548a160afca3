/** OpenSSH's `match_pattern`: `*` is any run of characters, `?` exactly one; letter case counts. */
export function matchPattern(text: string, pattern: string): boolean {
  let textAt = 0;
  let patternAt = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (textAt < text.length) {
    const wanted = pattern[patternAt];
    if (wanted === '*') {
      starAt = patternAt++;
      resumeAt = textAt;
    } else if (wanted !== undefined && (wanted === '?' || wanted === text[textAt])) {
      textAt++;
      patternAt++;
    } else if (starAt >= 0) {
      // The last star takes one character more; earlier stars never have to be revisited.
      patternAt = starAt + 1;
      textAt = ++resumeAt;
    } else {
      return false;
    }
  }
  while (pattern[patternAt] === '*') patternAt++;
  return patternAt === pattern.length;
}

/**
 * OpenSSH's `match_pattern_list`: patterns separated by commas. A negated pattern (`!x`) that matches decides at
 * once for `refused`; one that doesn't match says nothing.
 */
export function matchPatternList(text: string, list: string): 'matched' | 'refused' | 'none' {
  let matched = false;
  for (const item of list.split(',')) {
    const negated = item.startsWith('!');
    if (!matchPattern(text, negated ? item.slice(1) : item)) continue;
    if (negated) return 'refused';
    matched = true;
  }
  return matched ? 'matched' : 'none';
}

/** OpenSSH's `match_hostname`: as `matchPatternList`, with the patterns lower-cased. */
export function matchHostName(host: string, list: string): 'matched' | 'refused' | 'none' {
  return matchPatternList(host, list.toLowerCase());
}
