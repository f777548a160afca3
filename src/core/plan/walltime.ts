/** Minutes of a job where neither the user nor the profile says anything: a working day. */
const usualMinutes = 8 * 60;

/** Minutes of a time as profiles write it: `days-hours:minutes:seconds`, `hours:minutes:seconds` or `UNLIMITED`. */
export function minutesOf(time: string): number {
  if (time === 'UNLIMITED') return Number.POSITIVE_INFINITY;
  const dash = time.indexOf('-');
  const days = dash < 0 ? 0 : Number(time.slice(0, dash));
  const [hours = 0, minutes = 0, seconds = 0] = time
    .slice(dash + 1)
    .split(':')
    .map(Number);
  return days * 1440 + hours * 60 + minutes + Math.ceil(seconds / 60);
}

/** A limit on a job's time, and whose it is: `partition h100`. */
export interface TimeLimit {
  readonly owner: string;
  readonly minutes: number;
}

export type Walltime =
  | { readonly ok: true; readonly minutes: number; readonly because: string }
  | { readonly ok: false; readonly reason: string; readonly most: number };

/** The job's time limit: what was asked for if the limits allow it, else the profile's or the usual one, cut to them. */
export function chooseWalltime(
  asked: number | undefined,
  profileDefault: string | undefined,
  limits: readonly TimeLimit[],
): Walltime {
  const tightest = limits.reduce<TimeLimit>(
    (least, limit) => (limit.minutes < least.minutes ? limit : least),
    {
      owner: '',
      minutes: Number.POSITIVE_INFINITY,
    },
  );
  if (asked !== undefined) {
    if (asked <= tightest.minutes) return { ok: true, minutes: asked, because: 'you asked for it' };
    const reason = `${tightest.owner} allows ${tightest.minutes} minutes, not ${asked}`;
    return { ok: false, reason, most: tightest.minutes };
  }
  const wanted = profileDefault === undefined ? usualMinutes : minutesOf(profileDefault);
  if (Number.isFinite(tightest.minutes) && tightest.minutes <= wanted) {
    return { ok: true, minutes: tightest.minutes, because: `the most that ${tightest.owner} allows` };
  }
  if (Number.isFinite(wanted)) {
    const because = profileDefault === undefined ? 'the usual working day' : "the profile's default";
    return { ok: true, minutes: wanted, because };
  }
  return { ok: true, minutes: 0, because: "the profile's default is no limit, and nothing limits it" };
}
