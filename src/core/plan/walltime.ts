import { formatSlurmMinutes, parseSlurmDuration } from '../slurm/duration.ts';

/** Minutes of a job where neither the user nor the profile says anything: a working day. */
const usualMinutes = 8 * 60;

/** Minutes of a time as profiles write it, rounded up; infinite for `UNLIMITED`. */
export function minutesOf(time: string): number {
  const seconds = parseSlurmDuration(time);
  return typeof seconds === 'number' ? Math.ceil(seconds / 60) : Number.POSITIVE_INFINITY;
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
    const reason = `${tightest.owner} allows ${formatSlurmMinutes(tightest.minutes)}, not ${formatSlurmMinutes(asked)}`;
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
