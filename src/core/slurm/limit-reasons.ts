import type { ReasonText } from './reasons-data.ts';

/**
 * Some 160 of Slurm's reasons are limits whose names follow a grammar: whose limit it is (Assoc, QOS, Max…PerUser), how it
 * is counted (Grp, Max, Min, PerJob, Minutes, RunMinutes), and of what. They are explained by that grammar.
 */

const resources: Readonly<Record<string, string>> = {
  CPU: 'CPUs',
  Cpu: 'CPUs',
  Mem: 'memory',
  Memory: 'memory',
  Node: 'nodes',
  GRES: 'GPUs',
  License: 'licences',
  BB: 'burst buffer space',
  Energy: 'energy',
  Billing: 'billing units',
  Unknown: 'of a resource',
  Jobs: 'running jobs',
  SubmitJobs: 'queued and running jobs',
  SubmitJob: 'queued and running jobs',
  Wall: 'wall time',
  WallDuration: 'wall time',
};

const owners: Readonly<Record<string, string>> = { Assoc: 'your account', QOS: 'the QOS' };

const resource = Object.keys(resources)
  .sort((a, b) => b.length - a.length)
  .join('|');
const grouped = new RegExp(`^(Assoc|QOS)Grp(${resource})(RunMinutes|Minutes)?(?:Limit)?$`);
const maximum = new RegExp(
  `^(Assoc|QOS)?Max(${resource})(RunMins|Minutes)?(PerJob|PerNode|PerUser|PerAccount)?(?:Limit)?$`,
);
const minimum = new RegExp(`^(QOS)Min(${resource})(?:NotSatisfied)?$`);

/** The explanation of a reason that is a limit of an account, a QOS or a user; undefined for other words. */
export function explainLimit(word: string): ReasonText | undefined {
  const group = grouped.exec(word);
  if (group !== null) return groupLimit(ownerOf(group[1]), group[2] ?? '', group[3]);
  const most = maximum.exec(word);
  if (most !== null) return maximumLimit(ownerOf(most[1]), most[2] ?? '', most[3], most[4]);
  const least = minimum.exec(word);
  if (least === null) return undefined;
  const what = resources[least[2] ?? ''] ?? '';
  return [
    'never',
    `It asks for less ${what} than the QOS demands.`,
    `Submit again with more ${what}, or with another QOS.`,
  ];
}

function ownerOf(scope: string | undefined): string {
  return owners[scope ?? ''] ?? 'your account or QOS';
}

function groupLimit(owner: string, key: string, minutes: string | undefined): ReasonText {
  const what = resources[key] ?? '';
  if (minutes === 'RunMinutes') return claimedTime(owner, what);
  if (minutes === 'Minutes' || key === 'Wall') return usedUp(owner, key === 'Wall' ? what : `${what} × time`);
  return [
    'blocked',
    `The jobs of ${owner} together are at their limit of ${what}.`,
    'It starts when some of them end; ask for less, or use another account or QOS.',
  ];
}

function maximumLimit(
  owner: string,
  key: string,
  minutes: string | undefined,
  per: string | undefined,
): ReasonText {
  const what = resources[key] ?? '';
  if (minutes === 'RunMins') return claimedTime(owner, what);
  if (key === 'WallDuration') {
    return [
      'never',
      `Its time limit is longer than ${owner} allows.`,
      'Submit again with a shorter --time, or with another account or QOS.',
    ];
  }
  if (minutes === 'Minutes') {
    return [
      'never',
      `Its ${what} × time limit is more than ${owner} allows one job.`,
      `Submit again with a shorter --time or less ${what}.`,
    ];
  }
  if (per === 'PerJob' || per === 'PerNode') {
    const unit = per === 'PerJob' ? 'one job' : 'a job on one node';
    return [
      'never',
      `It asks for more ${what} than ${owner} allows ${unit}.`,
      `Submit again with less ${what}, or with another account or QOS.`,
    ];
  }
  return [
    'blocked',
    `Your jobs together are at the limit of ${what} that ${owner} sets.`,
    'It starts when one of your jobs ends; stop one, ask for less, or use another account or QOS.',
  ];
}

function claimedTime(owner: string, what: string): ReasonText {
  return [
    'blocked',
    `Running jobs already claim all the ${what} × time limit that ${owner} allows at once.`,
    'A shorter --time claims less and may start now; else it starts when running jobs end.',
  ];
}

function usedUp(owner: string, what: string): ReasonText {
  return [
    'blocked',
    `The budget of ${what} of ${owner} is used up.`,
    'Waiting does not help until the budget is renewed: use another account or QOS, or ask for more.',
  ];
}

/** Budgets do not come back when jobs end. */
export function isBudget(word: string): boolean {
  const group = grouped.exec(word);
  return group !== null && (group[3] === 'Minutes' || group[2] === 'Wall');
}
