import type { Observation } from '../core/deployment/observation.ts';
import type { Event } from '../core/event.ts';
import type { ClusterProfile } from '../core/cluster/profile.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { Clock, Remote } from '../core/ports.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { refusal } from '../core/slurm/refusal.ts';
import { slurmScript } from '../core/remote/slurm-script.ts';
import { observe, type ObservePorts } from './observe.ts';
import type { Reconnect } from './session.ts';

/** Milliseconds before each look; a controller that was busy lists a job some seconds after it took it. */
const waitsMs = [0, 1000, 3000, 6000, 10_000, 20_000];

/**
 * Finds out what became of a submission whose answer was lost, by the job's unique name and by the note that the
 * submit script left. Where the files are in place, the submit script is run once more: it runs sbatch only if it has
 * not done so before. Never submits anew: that is for the user to decide.
 */
export async function* confirm(
  ports: ObservePorts & { readonly clock: Clock },
  reconnect: Reconnect,
  profile: ClusterProfile,
  uncertain: { readonly plan: Plan; readonly because: string },
): AsyncGenerator<Event, Result<string>> {
  const { plan, because } = uncertain;
  yield {
    event: 'warning',
    text: `it is not certain that Slurm took the job (${because}); looking for it by its name`,
  };
  yield { event: 'working', text: `looking for ${plan.jobName}` };
  let arrived: boolean | undefined;
  let completed = false;
  for (const wait of waitsMs) {
    await ports.clock.sleep(wait);
    const remote = await reconnect();
    if (!remote.ok) continue;
    const view = await observe(ports, remote.value, profile, { only: plan.deployment });
    if (!view.ok) continue;
    const found = view.value.observations.find((one) => one.attempt === plan.attempt);
    arrived = found !== undefined;
    if (found === undefined) continue;
    if (found.submission.kind === 'refused') return fail(refusal('sbatch', found.submission));
    const job = jobOf(found);
    if (job === undefined && !completed) completed = await complete(ports, remote.value, profile, plan);
    if (job !== undefined) {
      yield { event: 'submitted', deployment: plan.deployment, job, jobName: plan.jobName };
      return ok(job);
    }
  }
  const { deployment, jobName } = plan;
  const why = arrived === false ? `${because}; its files did not arrive, so nothing was submitted` : because;
  return fail({ kind: 'submit-uncertain', deployment, jobName, because: why });
}

/** Runs what a cut connection may have kept from running; whether it was run. The next look tells what came of it. */
async function complete(
  { ids, templates }: ObservePorts,
  remote: Remote,
  { root, slurm }: ClusterProfile,
  { deployment, attempt }: Plan,
): Promise<boolean> {
  const settings = { root, mark: `@${ids.base32(12)}`, deployment, attempt };
  const text = slurmScript(templates, slurm.bin, settings, ['say.sh', 'sbatch-once.sh']);
  const output = await remote.run({ what: 'complete the submission', text });
  return output.ok;
}

function jobOf({ submission, sighting }: Observation): string | undefined {
  if (submission.kind === 'accepted') return submission.job;
  if (sighting.seen === 'queue') return sighting.job.job;
  if (sighting.seen !== 'accounting') return undefined;
  // A submission that Slurm refused leaves a row of accounting too: failed, and never on a node.
  const { job, condition, nodes } = sighting.job;
  return condition.kind === 'ended' && nodes === '' ? undefined : job;
}
