import type { Failure } from '../core/failure.ts';
import { stripControl } from '../core/render/terminal.ts';
import { connectionWords } from './words/connection.ts';
import { planWords } from './words/plan.ts';
import { requestWords } from './words/request.ts';
import { slurmWords } from './words/slurm.ts';
import { type Words, words } from './words/words.ts';

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

function raw(failure: Failure): Words {
  switch (failure.kind) {
    case 'usage':
    case 'profile-invalid':
    case 'profile-missing':
    case 'profile-ambiguous':
    case 'model-unknown':
    case 'model-config':
    case 'engine-unknown':
    case 'deployment-exists':
    case 'deployment-unknown':
    case 'endpoint-missing':
    case 'port-in-use':
    case 'local-file':
      return requestWords(failure);
    case 'plan-impossible':
    case 'plan-stale':
    case 'image-missing':
    case 'weights-missing':
      return planWords(failure);
    case 'slurm-refused':
    case 'slurm-unavailable':
    case 'submit-uncertain':
    case 'job-ended':
    case 'remote-command':
    case 'remote-output':
    case 'root-unusable':
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
