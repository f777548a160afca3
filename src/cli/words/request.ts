import type { Diagnostic } from '../../core/failure.ts';
import { type Of, type Words, words } from './words.ts';

type RequestFailure = Of<
  | 'usage'
  | 'profile-invalid'
  | 'profile-missing'
  | 'profile-ambiguous'
  | 'model-unknown'
  | 'model-config'
  | 'engine-unknown'
  | 'deployment-exists'
  | 'deployment-unknown'
  | 'endpoint-missing'
  | 'port-in-use'
  | 'local-file'
>;

/** What was asked for amiss. */
export function requestWords(failure: RequestFailure): Words {
  switch (failure.kind) {
    case 'usage':
      return words(failure.message, [], failure.hint === undefined ? [] : [failure.hint]);
    case 'profile-invalid':
    case 'profile-missing':
    case 'profile-ambiguous':
      return profileWords(failure);
    case 'model-unknown':
    case 'model-config':
    case 'engine-unknown':
      return catalogWords(failure);
    case 'deployment-exists':
      return words(
        `A deployment "${failure.deployment}" is already there; it is ${failure.state}.`,
        [],
        [
          `Reach it with \`hpc-serve tunnel ${failure.deployment}\`, or end it with \`hpc-serve stop ${failure.deployment}\`.`,
          'To serve the model a second time, give it another name: --name NAME.',
        ],
      );
    case 'deployment-unknown':
      return words(
        `There is no deployment "${failure.deployment}" on this cluster.`,
        [],
        [knownDeployments(failure.known)],
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

function catalogWords(failure: Of<'model-unknown' | 'model-config' | 'engine-unknown'>): Words {
  switch (failure.kind) {
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
    case 'model-config':
      return words(
        `${failure.source} does not describe a model that can be planned.`,
        failure.problems.map(({ field, message }) =>
          field === '' ? `It ${message}.` : `${field} ${message}.`,
        ),
        ['It must be the config.json of a text model from Hugging Face.'],
      );
    case 'engine-unknown':
      return words(`There is no engine "${failure.name}".`, [], [`Engines: ${failure.known.join(', ')}.`]);
  }
}

function knownDeployments(known: readonly string[] | undefined): string {
  if (known === undefined) return '`hpc-serve status` lists the deployments.';
  return known.length === 0
    ? 'Nothing is deployed here yet: `hpc-serve submit MODEL`.'
    : `Deployments: ${known.join(', ')}.`;
}

function profileWords(failure: Of<'profile-invalid' | 'profile-missing' | 'profile-ambiguous'>): Words {
  switch (failure.kind) {
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
  }
}

function diagnosticLine(problem: Diagnostic): string {
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  const hint = problem.suggestion === undefined ? '' : `; did you mean "${problem.suggestion}"?`;
  return `${place} ${problem.path === '' ? '' : `${problem.path}: `}${problem.message}${hint}`;
}
