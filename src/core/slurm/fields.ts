import { fail, ok, type Result } from '../result.ts';

/** Stands between fields: ASCII unit separator, which no Slurm value holds. */
export const FIELD_END = '\x1f';
/** Stands after the last field of a row: ASCII record separator. */
const ROW_END = '\x1e';

/**
 * The `--Format` of squeue and sinfo that prints `fields` whole, with separators of our own. Size 0 means neither
 * padding nor cutting; what follows the size is printed after the field (src/squeue/opts.c, src/sinfo/opts.c).
 */
export function longFormat(fields: readonly string[]): string {
  return fields
    .map((field, index) => `${field}:0${index === fields.length - 1 ? ROW_END : FIELD_END}`)
    .join(',');
}

/**
 * Rows of `count` fields that were printed with `longFormat`. The last field may hold anything, the separators and
 * newlines included, as long as it does not end a row. Fails where a row is cut or is something else.
 */
export function readRows(text: string, count: number): Result<readonly (readonly string[])[], string> {
  const chunks = text.split(`${ROW_END}\n`);
  const rest = chunks.pop() ?? '';
  if (rest !== '') return fail(`the output ends in the middle of a row: "${excerpt(rest)}"`);
  const rows: (readonly string[])[] = [];
  for (const chunk of chunks) {
    const fields = chunk.split(FIELD_END);
    if (fields.length < count)
      return fail(`a row has ${fields.length} fields instead of ${count}: "${excerpt(chunk)}"`);
    rows.push([...fields.slice(0, count - 1), fields.slice(count - 1).join(FIELD_END)]);
  }
  return ok(rows);
}

/** Seconds since 1970, printed under SLURM_TIME_FORMAT=%s; null for N/A, Unknown, None and the like. */
export function parseEpoch(text: string): number | null {
  return /^[1-9]\d{0,11}$/.test(text) ? Number(text) : null;
}

/** A whole number; null where it is none. */
export function parseInteger(text: string): number | null {
  return /^\d{1,12}$/.test(text) ? Number(text) : null;
}

/** Slurm's ways to say "nothing here". */
export function orNull(text: string): string | null {
  const value = text.trim();
  return value === '' || value === '(null)' || value === 'N/A' || value === 'n/a' ? null : value;
}

/** The beginning of something unexpected, for a message. */
export function excerpt(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
