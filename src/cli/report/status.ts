import type { ClusterProfile } from '../../core/cluster/profile.ts';
import type { Observation } from '../../core/deployment/observation.ts';
import type { DeploymentState } from '../../core/deployment/state.ts';
import { stripControl } from '../../core/render/terminal.ts';
import type { Status, StatusRow } from '../../flows/status.ts';
import { columns } from '../columns.ts';
import type { Screen } from '../context.ts';
import { formatSeconds } from '../format.ts';
import { stateLabel, stateSentence } from '../state-words.ts';
import type { Style } from '../style.ts';

/** Seconds after its end during which a deployment is still shown unasked. */
const shownAfterEnd = 86_400;

/** The rows that `status` shows unasked: ended ones only for a day. */
export function recentRows(status: Status): readonly StatusRow[] {
  return status.rows.filter(
    ({ state }) => state.stage !== 'ended' || status.now - (state.at ?? status.now) < shownAfterEnd,
  );
}

/** The table of `status`. */
export function statusText(status: Status, profile: ClusterProfile, style: Style): string {
  if (status.rows.length === 0) return `nothing is deployed on ${profile.name}\n`;
  const head = ['NAME', 'MODEL', 'STATE', 'JOB', 'NODES', 'GPUS', 'AGE', 'LEFT', ''];
  const ended = ({ state }: StatusRow): number => Number(state.stage === 'ended');
  // What lives stands first; within that the order is by name.
  const rows = status.rows.toSorted((a, b) => ended(a) - ended(b)).map((row) => cells(row, status.now));
  const silent =
    status.slurmSilent === undefined
      ? ''
      : `${style.yellow('!')} Slurm does not answer (${stripControl(status.slurmSilent)}); this is what the jobs themselves say\n`;
  return columns([head, ...rows]) + silent;
}

/** As much of a text as a screen shows at once, each line cut to its width. */
export function fitted(text: string, { columns: width, rows }: Pick<Screen, 'columns' | 'rows'>): string {
  const lines = text.trimEnd().split('\n');
  // The cursor stands on a line of its own below the text.
  const hidden = lines.length - (rows - 1);
  const shown = hidden > 0 ? [...lines.slice(0, rows - 2), `… ${hidden + 1} more`] : lines;
  return shown.map((line) => `${line.slice(0, width)}\n`).join('');
}

function cells({ observation, state }: StatusRow, now: number): readonly string[] {
  const { summary } = observation;
  const since = 'since' in state ? state.since : undefined;
  const end = 'end' in state ? state.end : undefined;
  return [
    observation.deployment,
    summary?.model ?? '?',
    stateLabel(state),
    ('job' in state ? state.job : undefined) ?? '–',
    ('nodes' in state ? state.nodes : '') || '–',
    summary === undefined ? '?' : `${summary.gpus}×${summary.gpu}`,
    since === undefined ? '–' : formatSeconds(now - since),
    end === undefined ? '–' : formatSeconds(end - now),
    [lifeless(observation, state, now), remark(state, now)].filter((text) => text !== '').join('; '),
  ].map(stripControl);
}

/** Seconds without a heartbeat (one comes every 15) that a file system's caches and a busy node can explain. */
const silentSeconds = 120;

/** Slurm takes minutes to notice that a node is dead; the job's own silence tells sooner. */
function lifeless({ heartbeat }: Observation, state: DeploymentState, now: number): string {
  if ((state.stage !== 'ready' && state.stage !== 'loading') || heartbeat === undefined) return '';
  const silence = now - Math.max(heartbeat, state.since ?? 0);
  return silence < silentSeconds ? '' : `no sign of life for ${formatSeconds(silence)}`;
}

/** What the columns do not say. */
function remark(state: DeploymentState, now: number): string {
  if (state.stage !== 'ready') return stateSentence(state, now);
  const places = state.endpoints.map(({ host, port }) => `${host}:${port}`);
  return places.length <= 2 ? places.join(' ') : `${places[0] ?? ''} and ${places.length - 1} more`;
}

/** The document of `status --json`. Endpoints carry the path of the key, never the key. */
export function statusDocument(status: Status, profile: ClusterProfile): unknown {
  return {
    cluster: profile.name,
    now: status.now,
    slurmSilent: status.slurmSilent ?? null,
    deployments: status.rows.map(({ observation, state }) => ({
      deployment: observation.deployment,
      attempt: observation.attempt,
      ...observation.summary,
      heartbeat: observation.heartbeat ?? null,
      state: { ...state, sentence: stateSentence(state, status.now) },
    })),
  };
}
