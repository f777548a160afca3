import type { DeploymentState } from '../../core/deployment/state.ts';
import type { Event } from '../../core/event.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { formatBytes, formatSeconds, plural } from '../format.ts';
import { stateLabel, stateSentence } from '../state-words.ts';
import type { Style } from '../style.ts';

/** How an event is told: a line that stays, and what is waited for from now on. */
export interface Told {
  readonly line?: string;
  readonly waitingFor?: string;
}

/** Width of the column with the name of the step. */
const labelWidth = 10;

export function eventLine(event: Event, now: number, style: Style): Told {
  const line = (mark: string, label: string, text: string): string =>
    `${mark} ${style.bold(label.padEnd(labelWidth))} ${text}`;
  switch (event.event) {
    case 'working':
      return { waitingFor: event.text };
    case 'planned':
      return { line: line(style.green('✓'), 'planned', planSentence(event.plan)), waitingFor: 'submitting' };
    case 'uploaded':
      return {
        line: line(
          style.green('✓'),
          'uploaded',
          `${plural(event.files, 'file')}, ${formatBytes(event.bytes)}, to ${event.path}`,
        ),
      };
    case 'submitted':
      return {
        line: line(style.green('✓'), 'submitted', `job ${event.job}`),
        waitingFor: `waiting for job ${event.job}`,
      };
    case 'state':
      return stateLine(event, now, { line, style });
    case 'warning':
      return { line: line(style.yellow('!'), 'note', event.text) };
  }
}

/** A plan in one sentence. */
export function planSentence(plan: Plan): string {
  const { replicas, tensor, pipeline } = plan.parallelism;
  const perReplica = tensor * pipeline;
  const copies = replicas === 1 ? 'one replica' : plural(replicas, 'replica');
  const nodes = plural(plan.placement.nodes, 'node');
  return (
    `${plan.model.name} with ${plan.engine.name}: ${copies} of ${plural(perReplica, 'GPU')} (${plan.placement.gpu}) ` +
    `on ${nodes} of partition ${plan.placement.partition}, for ${formatSeconds(plan.placement.timeLimitMinutes * 60)}`
  );
}

function stateLine(
  event: Extract<Event, { event: 'state' }>,
  now: number,
  look: { line: (mark: string, label: string, text: string) => string; style: Style },
): Told {
  const { state } = event;
  const elapsed = look.style.dim(`after ${formatSeconds(event.elapsedSeconds)}`);
  const mark = state.stage === 'ended' ? look.style.red('✗') : look.style.green('✓');
  const text = stateSentence(state, now);
  return {
    line: look.line(mark, stateLabel(state).split(' ')[0] ?? '', `${text} ${elapsed}`),
    waitingFor: waitOf(state),
  };
}

function waitOf(state: DeploymentState): string {
  switch (state.stage) {
    case 'queued':
      return `waiting for job ${state.job} to start`;
    case 'starting':
      return 'starting the engines';
    case 'loading':
      return `loading: ${state.endpoints.length} of ${plural(state.of, 'replica')} ready`;
    case 'submitting':
      return 'waiting for sbatch';
    case 'ready':
    case 'draining':
    case 'paused':
    case 'ended':
    case 'unknown':
      return stateLabel(state);
  }
}
