import { type Of, type Words, words } from './words.ts';

/** What Slurm, or a script on the login host, said. */
export function slurmWords(
  failure: Of<
    | 'slurm-refused'
    | 'slurm-unavailable'
    | 'submit-uncertain'
    | 'job-ended'
    | 'remote-command'
    | 'remote-output'
    | 'root-unusable'
  >,
): Words {
  switch (failure.kind) {
    case 'slurm-refused':
      return words(
        failure.meaning ?? `Slurm's ${failure.program} refused.`,
        [`${failure.program}, exit code ${failure.exitCode}: ${withoutName(failure)}`],
        failure.cure === undefined ? [] : [failure.cure],
      );
    case 'slurm-unavailable':
      return words(
        'Slurm does not answer.',
        [`${failure.program}: ${withoutName(failure)}`],
        ['Jobs that run are not touched by this. Try again in a minute.'],
      );
    case 'submit-uncertain':
      return words(
        `It is not certain that Slurm took the job of "${failure.deployment}".`,
        [failure.because],
        [`\`hpc-serve status ${failure.deployment}\` looks for it by its unique name, ${failure.jobName}.`],
      );
    case 'job-ended':
      return words(
        `Job ${failure.job} of "${failure.deployment}" ended before it was ready: ${failure.because}.`,
        failure.evidence.map((line) => `${line.source}: ${line.text}`),
        [`Read all of it with \`hpc-serve logs ${failure.deployment}\`.`],
      );
    case 'remote-command':
      return words(`Could not ${failure.what}: exit code ${failure.exitCode}.`, [failure.stderr]);
    case 'root-unusable':
      return words(
        `Could not write into ${failure.root} on the cluster.`,
        failure.stderr.trim().split('\n').slice(0, 3),
        [
          'Check its owner, and the space and quota that are left there.',
          `Or choose another directory: \`root:\` in the profile ${failure.profile}, or \`hpc-serve init --root DIR\`.`,
        ],
      );
    case 'remote-output':
      return words(`Could not ${failure.what}: ${failure.because}.`, [failure.evidence]);
  }
}

/** What a program said, each line once, without its own name in front. */
function withoutName({ program, stderr }: { readonly program: string; readonly stderr: string }): string {
  const lines = stderr.trim().split('\n');
  return [...new Set(lines.map((line) => line.replace(`${program}: `, '')))].join('\n');
}
