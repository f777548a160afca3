import { minutesOf } from './walltime.ts';
import type { Choices } from './make-plan.ts';
import type { Decision } from './plan.ts';

const gib = (value: number): string => `${value.toFixed(1)} GiB`;

function decideReplicas({ model, place }: Choices): Decision {
  const { layout, gpu, replicas } = place;
  const { memory } = layout;
  const needs = `${gib(memory.weightsGiB)} of weights and ${gib(memory.kvCacheGiB)} of KV cache fit in ${gib(memory.gpuGiB)}`;
  const size = layout.gpus === 1 ? `one ${gpu.name}` : `${layout.gpus} × ${gpu.name}`;
  const count = replicas === 1 ? '1 replica' : `${replicas} replicas`;
  return {
    what: 'replicas',
    value: `${count} of ${model.name} on ${size}${replicas === 1 ? '' : ' each'}`,
    because: layout.gpus === 1 ? needs : `${needs} per GPU, and the model does not fit fewer`,
  };
}

function decidePartition({ place, others }: Choices): Decision {
  const { partition } = place;
  const merits = [
    ...(place.access.preemptible ? [] : ['its jobs are not preempted']),
    ...(place.startsNow ? ['enough GPUs are free now'] : []),
    ...(partition.default ? ['it is the default partition'] : []),
  ];
  const rest = [...new Set(others.map((other) => other.partition.name))].filter(
    (name) => name !== partition.name,
  );
  const also = rest.length === 0 ? 'no other partition has a place' : `also possible: ${rest.join(', ')}`;
  return { what: 'partition', value: partition.name, because: [...merits, also].join('; ') };
}

/** Every choice with its reason, in the order in which people ask. */
export function decisionsOf(choices: Choices): readonly Decision[] {
  const { model, place, sources } = choices;
  const { engine, program, weights } = sources;
  const { capacity } = place.layout;
  const time = place.minutes === 0 ? 'none' : `${place.minutes} min`;
  const how =
    engine.batching.kind === 'slots'
      ? `${engine.title} cuts its KV cache into equal slots`
      : `the KV cache holds ${capacity.kvCacheTokens} tokens`;
  return [
    { what: 'weights', value: weights.path, because: weights.because },
    { what: 'engine', value: engine.title, because: sources.engineBecause },
    {
      what: 'program',
      value: program.image ?? program.program ?? 'the PATH of the node',
      because: program.because,
    },
    decidePartition(choices),
    decideReplicas(choices),
    {
      what: 'context',
      value: `${capacity.maxModelLen} tokens, ${capacity.concurrentRequests} full requests at once`,
      because: `${model.name} was made for ${model.contextLength}, and ${how}`,
    },
    { what: 'time limit', value: time, because: place.minutesBecause },
  ];
}

/** What the user should know before the job is submitted. */
export function warningsOf({ model, place }: Choices): readonly string[] {
  const { partition, gpu, layout } = place;
  const bound = place.access.times.some(({ minutes }) => Number.isFinite(minutes));
  return [
    ...(place.access.preemptible
      ? [`The job may be stopped for others at any time in ${partition.name}.`]
      : []),
    ...(layout.capacity.maxModelLen > model.contextLength
      ? [`${model.name} was made for ${model.contextLength} tokens, not ${layout.capacity.maxModelLen}.`]
      : []),
    ...(gpu.estimated.length > 0
      ? [`The figures of ${gpu.name} (${gpu.estimated.join(', ')}) are estimates.`]
      : []),
    ...(!bound && minutesOf(partition.maxTime) === Number.POSITIVE_INFINITY && place.minutes === 0
      ? ['The job has no time limit: it holds its GPUs until it is stopped.']
      : []),
  ];
}
