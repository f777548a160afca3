/**
 * What the job's own scripts add: from the start of the batch script to the start of the engine, and from the moment when
 * the engine can first answer to its registration. The scripts are the real ones, under the real bash, eight replicas at
 * once; srun and the engine are the stand-ins of test/job, and the engine answers 300 ms after its start.
 */
import type { JobEvent } from '../src/core/deployment/records.ts';
import { ToyJob } from '../test/job/toy-job.ts';
import { median, quantile, type Benchmark, type Measurement } from './support/measurement.ts';

const rounds = 5;
const replicas = 8;
const engineAnswersAfterMs = 300;

interface Sample {
  /** Milliseconds, one a replica. */
  readonly untilExec: readonly number[];
  readonly untilRegistered: readonly number[];
}

function timesOf(events: readonly JobEvent[], stage: JobEvent['stage']): readonly number[] {
  return events.filter((event) => event.stage === stage).map(({ at }) => at * 1000);
}

async function once(): Promise<Sample> {
  const job = new ToyJob({ gpus: replicas, partition: 'h100' });
  try {
    await job.until('all are registered', () => job.endpoints().length === replicas, 60);
    const events = job.events();
    const [started = NaN] = timesOf(events, 'started');
    const starts = new Map(
      job.notes().flatMap((note) => (note.start === undefined ? [] : [[note.port, note.at]])),
    );
    return {
      untilExec: timesOf(events, 'launching').map((at) => at - started),
      untilRegistered: job
        .endpoints()
        .map(({ port, ready }) => ready * 1000 - (starts.get(port) ?? NaN) - engineAnswersAfterMs),
    };
  } finally {
    await job.remove();
  }
}

export const run: Benchmark = async () => {
  const samples: Sample[] = [];
  for (let round = 0; round < rounds; round += 1) samples.push(await once());
  const rows = (what: string, values: readonly number[]): readonly Measurement[] => [
    { what: `${what}, median`, unit: 'ms', ours: median(values), limit: { atMost: 1000 } },
    { what: `${what}, slowest in twenty`, unit: 'ms', ours: quantile(values, 0.95) },
  ];
  return [
    ...rows(
      'job start to engine exec',
      samples.flatMap(({ untilExec }) => untilExec),
    ),
    ...rows(
      'first possible answer to registration',
      samples.flatMap(({ untilRegistered }) => untilRegistered),
    ),
  ];
};
