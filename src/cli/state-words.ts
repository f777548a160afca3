import type { DeploymentState, EndCause } from '../core/deployment/state.ts';
import { stripControl } from '../core/render/terminal.ts';
import { explainReason } from '../core/slurm/reasons.ts';
import { formatSeconds, plural } from './format.ts';

/** What a state is called in a table. */
export function stateLabel(state: DeploymentState): string {
  switch (state.stage) {
    case 'loading':
    case 'ready':
      return `${state.stage} ${state.endpoints.length}/${state.of}`;
    case 'queued':
      return state.held ? 'held' : 'queued';
    case 'ended':
      return state.cause === 'stopped' ? 'stopped' : 'ended';
    case 'submitting':
    case 'starting':
    case 'draining':
    case 'paused':
    case 'unknown':
      return state.stage;
  }
}

/** What a state means, in a sentence. `now` is the cluster's clock, seconds since 1970. */
export function stateSentence(state: DeploymentState, now: number): string {
  return stripControl(sentence(state, now));
}

function sentence(state: DeploymentState, now: number): string {
  switch (state.stage) {
    case 'submitting':
      return 'sbatch has not answered yet';
    case 'queued':
      return queuedSentence(state, now);
    case 'starting':
      return `job ${state.job} has ${state.nodes}`;
    case 'loading':
      return `${state.endpoints.length} of ${plural(state.of, 'replica')} ready on ${state.nodes}`;
    case 'ready':
      return `${state.endpoints.length} of ${plural(state.of, 'replica')} on ${state.nodes}`;
    case 'draining':
      return `job ${state.job} is coming to its end; no new requests go there`;
    case 'paused':
      return `Slurm has suspended job ${state.job} (${state.word}); it goes on when its GPUs are free again`;
    case 'ended':
      return endSentence(state.cause, state.detail, state.job);
    case 'unknown':
      return state.because;
  }
}

function queuedSentence(state: Extract<DeploymentState, { stage: 'queued' }>, now: number): string {
  const again = state.restarts === 0 ? '' : `requeued ${state.restarts} ×; `;
  const reason =
    state.reason === '' ? 'Slurm has not considered it yet' : explainReason(state.reason).sentence;
  const estimate =
    state.startEstimate === undefined || state.startEstimate <= now
      ? ''
      : `; Slurm expects the start in ${formatSeconds(state.startEstimate - now)}`;
  return `${again}${reason.replace(/\.$/, '')}${estimate}`;
}

const causeWords: Readonly<Record<EndCause, string>> = {
  refused: 'Slurm refused it',
  stopped: 'stopped on request',
  cancelled: 'cancelled, but not through hpc-serve',
  'time-limit': 'its time limit was reached',
  preempted: 'another job took its place',
  'host-memory': 'it used more memory than the job had',
  deadline: 'its deadline passed',
  revoked: 'Slurm revoked it',
  node: 'a node failed',
  failed: 'it failed',
  completed: 'it came to its end',
  lost: 'Slurm knows the job no more, and it left no word',
};

function endSentence(cause: EndCause, detail: string, job: string | undefined): string {
  const subject = job === undefined ? '' : `job ${job}: `;
  const [line = ''] = detail.trim().split('\n');
  return `${subject}${causeWords[cause]}${line === '' || cause === 'stopped' ? '' : ` (${line})`}`;
}
