import { minutesOf } from './walltime.ts';
import type { Choices, PlanInput } from './make-plan.ts';
import { layoutDecisions, layoutWarnings } from './explain-layout.ts';
import type { Outlined } from './outline.ts';
import type { Decision } from './plan.ts';
import { maintenanceWarnings } from './maintenance.ts';

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

function outlinedOf({ model, sources, place }: Choices): Outlined {
  const { engine, program } = sources;
  return { model, engine, version: program.version, layout: place.layout, minutes: place.minutes };
}

/** Every choice with its reason, in the order in which people ask. */
export function decisionsOf(choices: Choices): readonly Decision[] {
  const { place, sources } = choices;
  const { engine, program, weights } = sources;
  const time = place.minutes === 0 ? 'none' : `${place.minutes} min`;
  return [
    { what: 'weights', value: weights.path, because: weights.because },
    { what: 'precision', value: choices.precision.precision, because: choices.precision.because },
    { what: 'engine', value: engine.title, because: sources.engineBecause },
    {
      what: 'program',
      value: program.image ?? program.program ?? 'the PATH of the node',
      because: program.because,
    },
    decidePartition(choices),
    ...layoutDecisions(outlinedOf(choices), place.runnersUp),
    { what: 'time limit', value: time, because: place.minutesBecause },
  ];
}

/** What the user should know before the job is submitted. */
export function warningsOf(choices: Choices, { request, profile, now }: PlanInput): readonly string[] {
  const { place } = choices;
  const { partition } = place;
  const bound = place.access.times.some(({ minutes }) => Number.isFinite(minutes));
  return [
    ...(choices.precision.warning === null ? [] : [choices.precision.warning]),
    ...(place.access.preemptible
      ? [`The job may be stopped for others at any time in ${partition.name}.`]
      : []),
    ...maintenanceWarnings(profile, place.group, now, place.minutes),
    ...layoutWarnings(outlinedOf(choices), request).filter((text) => !text.includes(' is gated: ')),
    ...(!bound && minutesOf(partition.maxTime) === Number.POSITIVE_INFINITY && place.minutes === 0
      ? ['The job has no time limit: it holds its GPUs until it is stopped.']
      : []),
  ];
}
