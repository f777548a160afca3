import type { Alternative } from '../failure.ts';
import { sh } from '../render/quote.ts';
import type { PlacementQuestion } from './placement.ts';
import { placements } from './placement.ts';
import type { Request } from './request.ts';

/** As many as a person reads. */
const most = 3;
/** GPU counts beyond this are not tried. */
const largestCount = 64;

/** The command that asks for `request` on that cluster. */
function commandOf(request: Request, cluster: string): string {
  const options: readonly (readonly [string, string | number | undefined])[] = [
    ['--cluster', cluster],
    ['--gpus', request.gpus],
    ['--partition', request.partition],
    ['--time', request.timeMinutes === undefined ? undefined : `${request.timeMinutes}m`],
    ['--engine', request.engine],
    ['--account', request.account],
    ['--qos', request.qos],
    ['--reservation', request.reservation],
    ['--image', request.image],
    ['--weights', request.weights],
    ['--max-model-len', request.maxModelLen],
    ['--name', request.deployment],
  ];
  const given = options.flatMap(([flag, value]) => (value === undefined ? [] : [flag, sh(String(value))]));
  return ['hpc-serve submit', sh(request.model), ...given].join(' ');
}

/** Requests that differ in one thing from `request`, nearest first, each with what changes. */
function variations(request: Request): readonly (readonly [string, Partial<Request>])[] {
  const { gpus, maxModelLen } = request;
  const counts =
    gpus === undefined
      ? []
      : Array.from({ length: largestCount }, (_, index) => index + 1)
          .filter((count) => count !== gpus)
          .toSorted((a, b) => Math.abs(a - gpus) - Math.abs(b - gpus));
  const lengths = [32768, 16384, 8192, 4096, 2048].filter((length) => length < (maxModelLen ?? 0));
  const one = (what: string, value: unknown, change: Partial<Request>) =>
    value === undefined ? [] : [[what, change] as const];
  return [
    ...one('another partition', request.partition, { partition: undefined }),
    ...one('another account', request.account, { account: undefined }),
    ...one('another QOS', request.qos, { qos: undefined }),
    ...one('a shorter time limit', request.timeMinutes, { timeMinutes: undefined }),
    ...lengths.map((length) => [`a context of ${length} tokens`, { maxModelLen: length }] as const),
    ...counts.map((count) => [`${count} GPUs`, { gpus: count }] as const),
    ...one('another partition and number of GPUs', request.partition && gpus, {
      partition: undefined,
      gpus: undefined,
    }),
  ];
}

/** Requests near this one that have a place, at most three and one of each sort. */
export function alternatives(question: PlacementQuestion): readonly Alternative[] {
  const found: Alternative[] = [];
  const sorts = new Set<string>();
  for (const [what, change] of variations(question.request)) {
    const sort = Object.keys(change).join();
    if (sorts.has(sort) || found.length >= most) continue;
    const request = { ...question.request, ...change };
    const layout = { ...question.layout, maxModelLen: request.maxModelLen };
    const place = placements({ ...question, request, layout }).candidates[0];
    if (place === undefined) continue;
    sorts.add(sort);
    const where = `${place.replicas} × ${place.layout.gpus} ${place.gpu.name} in ${place.partition.name}`;
    found.push({ summary: `${what}: ${where}`, command: commandOf(request, question.profile.name) });
  }
  return found;
}
