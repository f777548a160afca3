import type { Diagnostic, Failure } from '../core/failure.ts';
import { stripControl } from '../core/render/terminal.ts';

/** A failure in the three parts that every message has. */
export interface Words {
  /** What happened, in a sentence. */
  readonly what: string;
  /** What shows it: the program's own words, a place in a file. */
  readonly evidence: readonly string[];
  /** What to do next. */
  readonly next: readonly string[];
}

/** Tells people what a failure is. Text that came from elsewhere is stripped of control characters. */
export function wordsOf(failure: Failure): Words {
  const words = raw(failure);
  return {
    what: stripControl(words.what),
    evidence: words.evidence
      .flatMap((text) => stripControl(text).split('\n'))
      .filter((line) => line.trim() !== ''),
    next: words.next.map(stripControl),
  };
}

/** One line for tables and logs. */
export function lineOf(failure: Failure): string {
  return wordsOf(failure).what;
}

function words(what: string, evidence: readonly string[] = [], next: readonly string[] = []): Words {
  return { what, evidence, next };
}

function raw(failure: Failure): Words {
  switch (failure.kind) {
    case 'usage':
    case 'profile-invalid':
    case 'profile-missing':
    case 'profile-ambiguous':
    case 'model-unknown':
    case 'engine-unknown':
    case 'deployment-exists':
    case 'deployment-unknown':
    case 'endpoint-missing':
    case 'port-in-use':
    case 'local-file':
      return requestWords(failure);
    case 'plan-impossible':
    case 'image-missing':
    case 'weights-missing':
      return planWords(failure);
    case 'slurm-refused':
    case 'slurm-unavailable':
    case 'submit-uncertain':
    case 'job-ended':
    case 'remote-command':
    case 'remote-output':
      return slurmWords(failure);
    case 'unreachable':
    case 'host-key-unknown':
    case 'host-key-refused':
    case 'host-certificate':
    case 'authentication':
    case 'connection-lost':
    case 'forward-refused':
      return connectionWords(failure);
    case 'sandbox-unsupported':
      return words(failure.because);
    case 'sandbox-failed':
      return words(
        `The sandbox failed at "${failure.step}".`,
        [failure.evidence],
        [
          'Run `hpc-serve sandbox up` again: it repairs what is damaged.',
          'Or start afresh: `hpc-serve sandbox down`, then `hpc-serve sandbox up`.',
        ],
      );
    case 'interrupted':
      return words('Interrupted.', [], failure.still === undefined ? [] : [failure.still]);
  }
}

type Of<K extends Failure['kind']> = Extract<Failure, { kind: K }>;

function requestWords(
  failure: Of<
    | 'usage'
    | 'profile-invalid'
    | 'profile-missing'
    | 'profile-ambiguous'
    | 'model-unknown'
    | 'engine-unknown'
    | 'deployment-exists'
    | 'deployment-unknown'
    | 'endpoint-missing'
    | 'port-in-use'
    | 'local-file'
  >,
): Words {
  switch (failure.kind) {
    case 'usage':
      return words(failure.message, [], failure.hint === undefined ? [] : [failure.hint]);
    case 'profile-invalid':
      return words(
        `The cluster profile ${failure.file} is not valid.`,
        failure.problems.map(diagnosticLine),
        ['Mend these lines; `hpc-serve init --force` writes the profile anew.'],
      );
    case 'profile-missing':
      return failure.name === undefined
        ? words(
            'No cluster is known yet.',
            [],
            [
              'Run `hpc-serve init [user@]host` with the login host of a Slurm cluster.',
              'Without one, `hpc-serve sandbox up` starts a real Slurm cluster on this machine.',
            ],
          )
        : words(
            `There is no profile of a cluster "${failure.name}".`,
            [],
            [
              failure.known.length === 0
                ? 'Run `hpc-serve init [user@]host` to write it.'
                : `Known clusters: ${failure.known.join(', ')}.`,
            ],
          );
    case 'profile-ambiguous':
      return words(
        'Several clusters are known, and none was chosen.',
        [],
        [`Add --cluster with one of: ${failure.known.join(', ')}; or set HPC_SERVE_CLUSTER.`],
      );
    case 'model-unknown':
      return words(
        `The catalog has no model "${failure.name}".`,
        [],
        [
          failure.suggestions.length === 0
            ? 'List them with `hpc-serve models`.'
            : `Did you mean ${failure.suggestions.join(' or ')}? All models: \`hpc-serve models\`.`,
        ],
      );
    case 'engine-unknown':
      return words(`There is no engine "${failure.name}".`, [], [`Engines: ${failure.known.join(', ')}.`]);
    case 'deployment-exists':
      return words(
        `A deployment "${failure.deployment}" is already there; it is ${failure.state}.`,
        [],
        [
          `Reach it with \`hpc-serve tunnel ${failure.deployment}\`, end it with \`hpc-serve stop ${failure.deployment}\`,`,
          'or serve the model a second time under another name: --name NAME.',
        ],
      );
    case 'deployment-unknown':
      return words(
        `There is no deployment "${failure.deployment}" on this cluster.`,
        [],
        [
          failure.known.length === 0
            ? 'Nothing is deployed here yet: `hpc-serve submit MODEL`.'
            : `Deployments: ${failure.known.join(', ')}.`,
        ],
      );
    case 'endpoint-missing':
      return words(
        `The deployment "${failure.deployment}" has no endpoint now; it is ${failure.state}.`,
        [],
        [`Follow it with \`hpc-serve status ${failure.deployment} --watch\`.`],
      );
    case 'port-in-use':
      return words(
        `Port ${failure.port} of this machine is taken.`,
        [],
        ['Choose another with --port, or leave it out.'],
      );
    case 'local-file':
      return words(`${failure.path}: ${failure.because}.`);
  }
}

function planWords(failure: Of<'plan-impossible' | 'image-missing' | 'weights-missing'>): Words {
  switch (failure.kind) {
    case 'plan-impossible':
      return words(
        failure.because,
        [],
        failure.alternatives.map((alternative) => `${alternative.summary}: \`${alternative.command}\``),
      );
    case 'image-missing':
      return words(`The cluster has no image of the engine ${failure.engine}.`, searched(failure.searched), [
        'Name one with --image /path/on/the/cluster.sif, or add it to `images:` of the cluster profile.',
        'hpc-serve init finds images again after you have put one there: --images DIR.',
      ]);
    case 'weights-missing':
      return words(`The cluster has no weights of ${failure.model}.`, searched(failure.searched), [
        'Name them with --weights /path/on/the/cluster, or add them to `models:` of the cluster profile.',
        'hpc-serve init finds weights again after you have put them there: --models DIR.',
      ]);
  }
}

function searched(places: readonly string[]): readonly string[] {
  return places.length === 0 ? [] : [`Known to the profile: ${places.join(', ')}`];
}

function slurmWords(
  failure: Of<
    | 'slurm-refused'
    | 'slurm-unavailable'
    | 'submit-uncertain'
    | 'job-ended'
    | 'remote-command'
    | 'remote-output'
  >,
): Words {
  switch (failure.kind) {
    case 'slurm-refused':
      return words(
        failure.meaning ?? `Slurm's ${failure.program} refused.`,
        [`${failure.program}, exit code ${failure.exitCode}: ${failure.stderr.trim()}`],
        failure.cure === undefined ? [] : [failure.cure],
      );
    case 'slurm-unavailable':
      return words(
        'Slurm does not answer.',
        [`${failure.program}: ${failure.stderr.trim()}`],
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
    case 'remote-output':
      return words(`Could not ${failure.what}: ${failure.because}.`, [failure.evidence]);
  }
}

function connectionWords(
  failure: Of<
    | 'unreachable'
    | 'host-key-unknown'
    | 'host-key-refused'
    | 'host-certificate'
    | 'authentication'
    | 'connection-lost'
    | 'forward-refused'
  >,
): Words {
  switch (failure.kind) {
    case 'unreachable':
      return words(
        `Could not reach ${failure.host}: ${failure.because}.`,
        [],
        failure.hint === undefined ? [] : [failure.hint],
      );
    case 'host-key-unknown':
      return words(
        `The host key of ${failure.host} is not known, and nobody is here to be asked.`,
        [failure.fingerprint],
        [`Connect once on a terminal and compare the fingerprint, or add the key to ${failure.file}.`],
      );
    case 'host-key-refused':
      return hostKeyWords(failure);
    case 'host-certificate':
      return words(
        `${failure.host} is verified by a host certificate, which only OpenSSH can check.`,
        [failure.where],
        ['Set `transport: openssh` in the cluster profile, or pass --transport openssh to init.'],
      );
    case 'authentication':
      return words(
        `${failure.host} did not accept ${failure.user}.`,
        failure.tried.length === 0 ? [] : [`Tried: ${failure.tried.join(', ')}`],
        [
          `Check with \`ssh ${failure.user}@${failure.host}\`; keys and agents are taken from your ssh configuration.`,
        ],
      );
    case 'connection-lost':
      return words(
        `The connection to ${failure.host} was lost: ${failure.because}.`,
        [],
        ['What runs on the cluster goes on. Run the command again.'],
      );
    case 'forward-refused':
      return words(`The login host could not connect to ${failure.target}: ${failure.because}.`);
  }
}

function hostKeyWords(failure: Of<'host-key-refused'>): Words {
  const what = {
    changed: `The host key of ${failure.host} is not the recorded one. Somebody may be listening in.`,
    revoked: `The host key of ${failure.host} is marked as revoked.`,
    unreadable: `The recorded host keys of ${failure.host} can't be read.`,
  }[failure.reason];
  return words(
    what,
    [`${failure.where}`, failure.fingerprint],
    [
      'Ask the operators of the cluster whether the key was changed. If so, remove the old line and connect again.',
    ],
  );
}

function diagnosticLine(problem: Diagnostic): string {
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  const hint = problem.suggestion === undefined ? '' : ` Did you mean "${problem.suggestion}"?`;
  return `${place} ${problem.path === '' ? '' : `${problem.path}: `}${problem.message}${hint}`;
}
