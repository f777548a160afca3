import type { ClusterProfile } from '../core/cluster/profile.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { Ids, Templates } from '../core/ports.ts';
import { slurmScript } from '../core/remote/slurm-script.ts';
import { parseSections, type Section } from '../core/remote/sections.ts';
import { startEstimateArguments } from '../core/render/job.ts';
import { sh } from '../core/render/quote.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { parseStartEstimate } from '../core/slurm/sbatch-reply.ts';
import type { Reconnect } from './session.ts';

/** A plan, and when Slurm expects that its job would start. */
export interface ExpectedStart {
  readonly plan: Plan;
  /** Null where Slurm gave no time: `because` is what it said. */
  readonly waitSeconds: number | null;
  readonly because: string | null;
}

/** Asks Slurm when the jobs of these plans would start, in one round trip; nothing is submitted. */
export async function compareStarts(
  ports: { readonly ids: Ids; readonly templates: Templates },
  reconnect: Reconnect,
  profile: ClusterProfile,
  plans: readonly Plan[],
): Promise<Result<readonly ExpectedStart[]>> {
  const remote = await reconnect();
  if (!remote.ok) return remote;
  const mark = `@${ports.ids.base32(12)}`;
  const asked = plans.map((plan) => ['estimate', ...startEstimateArguments(plan).map(sh)].join(' '));
  const output = await remote.value.run({
    what: 'ask when jobs would start',
    text: `${slurmScript(ports.templates, profile.slurm.bin, { mark }, ['estimate.sh'])}${asked.join('\n')}\n`,
  });
  if (!output.ok) return output;
  const { stdout, stderr, exitCode } = output.value;
  const sections = parseSections(stdout, stderr, mark);
  const now = Number(sections.find(({ name }) => name === 'now')?.argument);
  const answers = sections.filter(({ name }) => name === 'estimate');
  const statuses = sections.filter(({ name }) => name === 'status');
  if (!Number.isFinite(now) || answers.length !== plans.length || statuses.length !== plans.length) {
    return fail({ kind: 'remote-command', what: 'ask when jobs would start', exitCode, stderr });
  }
  return ok(plans.map((plan, index) => expected(plan, now, answers[index], statuses[index])));
}

function expected(
  plan: Plan,
  now: number,
  answer: Section | undefined,
  status: Section | undefined,
): ExpectedStart {
  const said = { stdout: answer?.stdout ?? '', stderr: answer?.stderr ?? '' };
  const estimate = parseStartEstimate({ exitCode: Number(status?.argument), ...said });
  const start = estimate?.startTime ?? null;
  if (start !== null) return { plan, waitSeconds: Math.max(0, start - now), because: null };
  const because = said.stderr.trim().split('\n').at(-1) ?? '';
  return { plan, waitSeconds: null, because: because === '' ? 'Slurm gave no time' : because };
}
