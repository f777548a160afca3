import type { ClusterProfile, ProfileNodeGroup } from '../cluster/profile.ts';
import type { Instant } from '../ports.ts';
import { formatSlurmMinutes } from '../slurm/duration.ts';
import { expandNodeList } from '../slurm/nodelist.ts';

/** Flags of reservations that no job may run through. */
const closed = /^(?:MAINT|MAINTENANCE)$/i;

function shareNodes(one: string, other: string): boolean {
  const [ours, theirs] = [expandNodeList(one), expandNodeList(other)];
  // A list that can't be read is taken for all nodes: a warning too many costs nothing.
  if (!ours.ok || !theirs.ok) return true;
  const names = new Set(theirs.value);
  return ours.value.some((name) => names.has(name));
}

/**
 * What a maintenance means for a job of `minutes` (0: without limit) that starts now: Slurm starts none on nodes of a
 * maintenance that begins before the job's time limit.
 */
export function maintenanceWarnings(
  { reservations }: Pick<ClusterProfile, 'reservations'>,
  { names }: Pick<ProfileNodeGroup, 'names'>,
  now: Instant,
  minutes: number,
): readonly string[] {
  const end = minutes === 0 ? Number.POSITIVE_INFINITY : now + minutes * 60_000;
  return reservations.flatMap((reservation) => {
    const [start, over] = [Date.parse(reservation.start), Date.parse(reservation.end)];
    const matters = reservation.flags.some((flag) => closed.test(flag)) && start < end && over > now;
    if (!matters || !shareNodes(names, reservation.nodes)) return [];
    const left = Math.floor((start - now) / 60_000);
    const cure = left > 0 ? `; a job of up to --time ${formatSlurmMinutes(left)} can start before` : '';
    return [
      `The maintenance ${reservation.name} takes nodes from ${reservation.start} to ${reservation.end}${cure}.`,
    ];
  });
}
