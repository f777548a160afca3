import type { Observation } from './observation.ts';
import type { EndpointRecord, JobEvent } from './records.ts';
import type { SeenJob } from './sighting.ts';
import type { DeploymentState, EndCause, Serving } from './state.ts';

/**
 * What one look at the cluster says about a deployment. A pure function of the observation: the same records give
 * the same state on every machine.
 *
 *     submitting ──► queued ──► starting ──► loading ──► ready ──► draining ──► ended
 *          │          ▲  │                                │                      ▲
 *          │          │  └──────── requeued ◄─────────────┤                      │
 *          │          └───────────────────────────────────┘                      │
 *          └── refused by sbatch ────────────────────────────────────────────────┤
 *     any ── no usable answer from Slurm ──► unknown ── Slurm's word, or the job's own end record ──┘
 *
 * An end needs evidence: Slurm's word, the job's own `ended` record, or a queue that answered without a job which
 * has not beaten its heart for a long time. Everything else is `unknown`.
 */
export function stateOf(observation: Observation, now: number): DeploymentState {
  const { sighting, submission } = observation;
  // A job in the queue is there, whatever sbatch's answer was taken for.
  if (submission.kind === 'refused' && sighting.seen !== 'queue') {
    return { stage: 'ended', job: undefined, cause: 'refused', detail: submission.stderr, at: undefined };
  }
  switch (sighting.seen) {
    case 'queue':
    case 'accounting':
      return stateOfSeen(observation, sighting.job);
    case 'nowhere':
      return stateOfAbsent(observation, now);
    case 'unanswered':
    case 'not-asked':
      return stateByRecords(observation, sighting.seen === 'unanswered' ? sighting.because : undefined);
  }
}

function stateOfSeen(observation: Observation, seen: SeenJob): DeploymentState {
  const { job, condition, nodes, restarts } = seen;
  switch (condition.kind) {
    case 'queued':
    case 'held': {
      const held = condition.kind === 'held';
      return { stage: 'queued', job, reason: seen.reason, held, startEstimate: seen.start, restarts };
    }
    case 'starting':
      return { stage: 'starting', job, nodes, since: seen.start };
    case 'running':
      return stateOfRunning(observation, seen);
    case 'paused':
      return { stage: 'paused', job, word: seen.word, nodes };
    case 'completing':
    case 'preempted':
      return { stage: 'draining', ...serving(observation, seen), endpoints: [] };
    case 'ended':
      return endedBySlurm(observation, seen, condition.cause);
    case 'unknown':
      return {
        stage: 'unknown',
        job,
        because: `Slurm calls the job ${condition.raw}, a word that this version of hpc-serve does not know`,
        endpoints: observation.endpoints,
      };
  }
}

function endedBySlurm(observation: Observation, seen: SeenJob, cause: EndCause): DeploymentState {
  const { word, exit } = seen;
  const code = exit === undefined || (exit.code === 0 && exit.signal === 0) ? '' : exitWords(exit);
  return {
    stage: 'ended',
    job: seen.job,
    cause: observation.stopped === undefined ? cause : 'stopped',
    detail: `${word}${code}`,
    at: seen.end,
  };
}

function exitWords(exit: { readonly code: number; readonly signal: number }): string {
  return exit.signal === 0 ? `, exit code ${exit.code}` : `, signal ${exit.signal}`;
}

function stateOfRunning(observation: Observation, seen: SeenJob): DeploymentState {
  const state = serving(observation, seen);
  const events = eventsOf(observation, seen);
  if (events.some((event) => event.stage === 'draining')) return { stage: 'draining', ...state };
  if (!events.some((event) => event.replica !== undefined)) {
    return { stage: 'starting', job: seen.job, nodes: seen.nodes, since: seen.start };
  }
  return { stage: state.endpoints.length > 0 && allTried(state, events) ? 'ready' : 'loading', ...state };
}

/** True when every replica without an endpoint has been ready, or has failed, at least once in this start. */
function allTried(state: Serving, events: readonly JobEvent[]): boolean {
  const tried = new Set<number>();
  for (const endpoint of state.endpoints) tried.add(endpoint.replica);
  for (const event of events) {
    if (event.replica !== undefined && (event.stage === 'ready' || event.stage === 'failed'))
      tried.add(event.replica);
  }
  return tried.size >= state.of;
}

function serving(observation: Observation, seen: SeenJob): Serving {
  return {
    job: seen.job,
    nodes: seen.nodes,
    since: seen.start,
    end: seen.end,
    endpoints: endpointsOf(observation, seen),
    of: observation.summary?.replicas ?? 1,
  };
}

/** A requeued job keeps its id but not its nodes: only the records of its present start count. */
function endpointsOf(observation: Observation, seen: SeenJob): readonly EndpointRecord[] {
  return observation.endpoints
    .filter((endpoint) => endpoint.job === seen.job && endpoint.restart === seen.restarts)
    .sort((a, b) => a.replica - b.replica);
}

function eventsOf(observation: Observation, seen: SeenJob): readonly JobEvent[] {
  return observation.events.filter((event) => event.job === seen.job && event.restart === seen.restarts);
}

/** Seconds without a heartbeat after which a job that the queue does not know is taken for lost. */
const lostAfterSeconds = 180;
/** Seconds that sbatch may take before a bundle without an answer is worth a word. */
const submitPatienceSeconds = 120;

function stateOfAbsent(observation: Observation, now: number): DeploymentState {
  const last = observation.events.at(-1);
  if (last?.stage === 'ended') return endedByRecord(observation, last);
  const job = observation.submission.kind === 'accepted' ? observation.submission.job : undefined;
  const alive = observation.heartbeat ?? createdAt(observation) ?? 0;
  if (observation.submission.kind === 'pending' && now - alive < submitPatienceSeconds)
    return { stage: 'submitting' };
  if (observation.stopped !== undefined) {
    return { stage: 'ended', job, cause: 'stopped', detail: '', at: observation.stopped };
  }
  if (now - alive >= lostAfterSeconds) {
    return { stage: 'ended', job, cause: 'lost', detail: '', at: observation.heartbeat };
  }
  return {
    stage: 'unknown',
    job,
    because: 'neither squeue nor sacct lists the job, and it has not written an end of its own yet',
    endpoints: observation.endpoints,
  };
}

function createdAt(observation: Observation): number | undefined {
  const created = Date.parse(observation.summary?.createdAt ?? '');
  return Number.isNaN(created) ? undefined : created / 1000;
}

/** Without Slurm's word the job's own records are all there is; they prove an end, but not life. */
function stateByRecords(observation: Observation, silent: string | undefined): DeploymentState {
  const last = observation.events.at(-1);
  if (last?.stage === 'ended') return endedByRecord(observation, last);
  return {
    stage: 'unknown',
    job: observation.submission.kind === 'accepted' ? observation.submission.job : undefined,
    because: silent === undefined ? 'Slurm was not asked' : `Slurm did not answer: ${silent}`,
    endpoints: observation.endpoints.filter((endpoint) => endpoint.restart === (last?.restart ?? 0)),
  };
}

function endedByRecord(observation: Observation, ended: JobEvent): DeploymentState {
  const cause = observation.stopped !== undefined ? 'stopped' : ended.exitCode === 0 ? 'completed' : 'failed';
  return { stage: 'ended', job: ended.job, cause, detail: ended.text ?? '', at: ended.at };
}
