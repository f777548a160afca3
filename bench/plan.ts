/**
 * How long planning takes, warm: one plan whose layout is given, searches over 64 GPUs, and a refusal. All are pure
 * functions, so that they are timed in this process, against an amount of work that is known.
 */
import { findGpu } from '../src/core/catalog/gpu.ts';
import { findModel, type Model } from '../src/core/catalog/model.ts';
import { findPlanningEngine } from '../src/core/engines/registry.ts';
import { outline } from '../src/core/plan/outline.ts';
import { openTuning, type Request } from '../src/core/plan/request.ts';
import { interleave, median, type Benchmark, type Measurement } from './support/measurement.ts';

const rounds = 60;

function model(name: string): Model {
  const found = findModel(name);
  if (!found.ok) throw new Error(name);
  return found.value;
}

function request(name: string, changes: Partial<Request>): Request {
  return {
    ...{ model: name, deployment: undefined, gpus: undefined, engine: undefined, engineVersion: undefined },
    ...{ timeMinutes: undefined, partition: undefined, account: undefined, qos: undefined },
    ...{ reservation: undefined, image: undefined, weights: undefined },
    ...openTuning,
    ...changes,
  };
}

function plan(name: string, nodes: number, changes: Partial<Request>): () => Promise<number> {
  const gpu = findGpu('h100-80');
  const engine = findPlanningEngine('vllm');
  if (gpu === undefined || !engine.ok) throw new Error('catalog');
  const input = {
    request: request(name, changes),
    model: model(name),
    engine: engine.value,
    hardware: { gpu, gpusPerNode: 8, nodes },
  };
  return () => {
    const start = performance.now();
    outline(input);
    return Promise.resolve(performance.now() - start);
  };
}

function additions(): Promise<number> {
  const start = performance.now();
  let sum = 0;
  for (let index = 0; index < 10_000_000; index += 1) sum = (sum + index) | 0;
  if (sum === 1) throw new Error('never');
  return Promise.resolve(performance.now() - start);
}

export const run: Benchmark = async () => {
  const samples = await interleave(
    {
      additions,
      single: plan('llama3.1-70b', 1, { gpus: 8, tensor: 8, pipeline: 1 }),
      search: plan('deepseek-r1', 8, { gpus: 64 }),
      least: plan('deepseek-r1', 8, { concurrency: 1024 }),
      refusal: plan('deepseek-r1', 8, { gpus: 1 }),
    },
    rounds,
  );
  const reference = { what: 'ten million additions', value: median(samples.additions) };
  // The additions take some 2.5 ms here: the limits are 5 ms for a plan and 100 ms for a search.
  return [
    { what: 'one plan with its layout given', ours: median(samples.single), limit: { atMost: 2 } },
    { what: 'search over 64 GPUs', ours: median(samples.search), limit: { atMost: 40 } },
    { what: 'fewest GPUs of 64', ours: median(samples.least), limit: { atMost: 40 } },
    { what: 'refusal with alternatives', ours: median(samples.refusal), limit: { atMost: 40 } },
  ].map((row): Measurement => ({ ...row, unit: 'ms', reference }));
};
