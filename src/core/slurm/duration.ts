import { fail, ok, type Result } from '../result.ts';

const SECONDS = { day: 86_400, hour: 3_600, minute: 60 } as const;

const daysForm = /^(\d{1,6})-(\d{1,4})(?::(\d{1,4}))?(?::(\d{1,4}))?$/;
const clockForm = /^(?:(\d{1,6}):)?(\d{1,6}):(\d{1,4})(?:\.\d{1,9})?$/;
const minutesForm = /^\d{1,9}$/;

/**
 * Seconds in a duration as Slurm prints or reads it: `D-HH:MM:SS`, `D-HH:MM`, `D-HH`, `HH:MM:SS`, `MM:SS`, and a bare
 * number of minutes. `unlimited` for UNLIMITED and INFINITE; null for INVALID, NOT_SET, N/A, Partition_Limit and
 * whatever else is no duration.
 */
export function parseSlurmDuration(text: string): number | 'unlimited' | null {
  const value = text.trim();
  if (/^(?:unlimited|infinite)$/i.test(value)) return 'unlimited';
  if (minutesForm.test(value)) return Number(value) * SECONDS.minute;
  const days = daysForm.exec(value);
  if (days !== null) {
    return (
      Number(days[1]) * SECONDS.day +
      Number(days[2]) * SECONDS.hour +
      Number(days[3] ?? 0) * SECONDS.minute +
      Number(days[4] ?? 0)
    );
  }
  const clock = clockForm.exec(value);
  if (clock === null) return null;
  return Number(clock[1] ?? 0) * SECONDS.hour + Number(clock[2]) * SECONDS.minute + Number(clock[3]);
}

/** Minutes of a time limit, rounded up; null where there is none, or it is not known. */
export function parseTimeLimitMinutes(text: string): number | null {
  const seconds = parseSlurmDuration(text);
  return typeof seconds === 'number' ? Math.ceil(seconds / SECONDS.minute) : null;
}

/** `[D-]HH:MM:SS` for a number of minutes: the one form that nobody reads in two ways. */
export function formatSlurmMinutes(minutes: number): string {
  return formatSlurmSeconds(minutes * SECONDS.minute);
}

/** `[D-]HH:MM:SS` for a number of seconds. */
export function formatSlurmSeconds(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const two = (n: number): string => String(n).padStart(2, '0');
  const days = Math.floor(whole / SECONDS.day);
  const clock = [
    Math.floor((whole % SECONDS.day) / SECONDS.hour),
    Math.floor((whole % SECONDS.hour) / SECONDS.minute),
    whole % SECONDS.minute,
  ].map(two);
  return (days > 0 ? `${String(days)}-` : '') + clock.join(':');
}

const unitForm = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?$/i;
const ambiguousForm = /^(\d{1,6}):(\d{1,4})$/;
/** A year of 366 days: longer limits are slips of the keyboard. */
const LONGEST_MINUTES = 366 * 24 * 60;

/**
 * Minutes of a `--time` that a person typed: `90m`, `2h`, `1d12h`, `D-HH`, `D-HH:MM`, `D-HH:MM:SS`, `HH:MM:SS`. A bare
 * `a:b` is refused, because Slurm reads it as minutes:seconds and people as hours:minutes; so is a bare number, which
 * is minutes to Slurm. The failure is a sentence for the user.
 */
export function parseTimeOption(text: string): Result<number, string> {
  const value = text.trim();
  const ambiguous = ambiguousForm.exec(value);
  if (ambiguous !== null) {
    const [, a = '', b = ''] = ambiguous;
    return fail(
      `"${value}" can be read in two ways: write ${a}h${b}m (or ${a}:${b}:00) for hours and minutes, 00:${a}:${b} for minutes and seconds.`,
    );
  }
  if (minutesForm.test(value)) {
    return fail(`"${value}" has no unit: write ${value}m for minutes or ${value}h for hours.`);
  }
  const minutes = unitMinutes(value) ?? parseTimeLimitMinutes(value);
  if (minutes === null) {
    return fail(`"${value.slice(0, 40)}" is not a duration: write 90m, 2h, 1d12h, HH:MM:SS or D-HH:MM:SS.`);
  }
  if (minutes === 0) return fail('A time limit must be at least one minute.');
  if (minutes > LONGEST_MINUTES) return fail(`"${value}" is longer than a year.`);
  return ok(minutes);
}

function unitMinutes(value: string): number | undefined {
  const match = unitForm.exec(value);
  if (match === null || value === '') return undefined;
  const [, days, hours, minutes] = match;
  return Number(days ?? 0) * 1_440 + Number(hours ?? 0) * 60 + Number(minutes ?? 0);
}
