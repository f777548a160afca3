import { describe, expect, it, onTestFinished } from 'vitest';
import { compareText } from '../../src/cli/report/compare.ts';
import { makePlans } from '../../src/core/plan/make-plan.ts';
import type { Plan } from '../../src/core/plan/plan.ts';
import { compareStarts, type ExpectedStart } from '../../src/flows/compare.ts';
import { openSession } from '../../src/flows/session.ts';
import { rmSync } from 'node:fs';
import { fakeCluster } from '../support/fake-cluster.ts';
import { attempt, now, profile, request } from '../support/planning.ts';
import { templates } from '../support/templates.ts';

const site = profile();

function plans(): readonly Plan[] {
  const made = makePlans({ request: request('llama3-8b', { gpus: 2 }), profile: site, attempt, now }, 4);
  if (!made.ok) throw new Error(JSON.stringify(made.failure));
  return made.value;
}

/** An sbatch that expects a start in two hours in one partition, at once in another, and refuses the rest. */
const sbatch = `
script=$(cat)
[ "$script" = "#!/bin/sh
:" ] || { echo "sbatch: error: This does not look like a batch script." >&2; exit 1; }
case " $* " in
  *" --test-only "*) ;;
  *) echo "submitted!"; exit 0 ;;
esac
case $* in
  *--partition=h100*) at=$(($(date +%s) + 7205)) ;;
  *--partition=a100*) at=$(date +%s) ;;
  *) echo "allocation failure: Requested node configuration is not available" >&2; exit 1 ;;
esac
echo "sbatch: Job 42 to start at $at using 16 processors on nodes node1 in partition p" >&2
`;

async function compared(shell: 'dash' | 'bash', program: string): Promise<readonly ExpectedStart[]> {
  const { directory, remotes, trips } = fakeCluster({ shell, programs: { sbatch: program } });
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const session = openSession(remotes, site, new AbortController().signal);
  const ids = { base32: (length: number) => 'abcdefghijklmnop'.slice(0, length) };
  const starts = await compareStarts({ ids, templates }, session.remote, site, plans());
  expect(trips).toHaveLength(1);
  if (!starts.ok) throw new Error(JSON.stringify(starts.failure));
  return starts.value;
}

describe.each(['dash', 'bash'] as const)('expected starts under %s', (shell) => {
  it('stand beside speed and cost, one line a place', async () => {
    const starts = await compared(shell, sbatch);
    const by = (name: string): ExpectedStart | undefined =>
      starts.find(({ plan }) => plan.placement.partition === name);
    expect(by('h100')?.waitSeconds).toBeGreaterThan(7190);
    expect(by('a100')?.waitSeconds).toBe(0);
    expect(by('l40s')).toMatchObject({
      waitSeconds: null,
      because: 'allocation failure: Requested node configuration is not available',
    });
    const text = compareText(starts);
    expect(text).toMatch(/^PARTITION +GPUS +REPLICAS +STARTS IN +TOKENS\/S +MS\/TOKEN +GPU-HOURS\nh100 /);
    expect(text).toMatch(/^a100 .* now /m);
    expect(text).toMatch(/^h100 .* 2 h /m);
  });

  it('are unknown where Slurm says nothing of use', async () => {
    for (const { waitSeconds, because } of await compared(shell, 'exit 0')) {
      expect([waitSeconds, because]).toEqual([null, 'Slurm gave no time']);
    }
  });
});
