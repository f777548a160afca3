import type { Alternative } from '../failure.ts';
import type { Request } from './request.ts';
import { carefulLoad, type Layout } from './search.ts';

/** As many as a person reads. */
const most = 5;
/** GPU counts beyond this are not tried. */
const largestCount = 64;

interface Variation {
  /** At most one alternative of each sort is offered. */
  readonly sort: string;
  readonly what: string;
  readonly change: Partial<Request>;
}

function fewerTokens({ maxModelLen }: Request): readonly Variation[] {
  return [131072, 65536, 32768, 16384, 8192, 4096, 2048]
    .filter((length) => length < (maxModelLen ?? 0))
    .map((length) => ({
      sort: 'context',
      what: `a context of ${length} tokens`,
      change: { maxModelLen: length },
    }));
}

/** The nearest counts first: those of one node, then multiples of what nodes usually have. */
function otherCounts({ gpus }: Request): readonly Variation[] {
  if (gpus === undefined) return [];
  return Array.from({ length: largestCount }, (_, index) => index + 1)
    .filter((count) => count !== gpus && (count <= 8 || count % 4 === 0))
    .toSorted((a, b) => Math.abs(a - gpus) - Math.abs(b - gpus) || b - a)
    .map((count) => ({ sort: 'gpus', what: `${count} GPUs`, change: { gpus: count } }));
}

function without(request: Request, what: string, keys: readonly (keyof Request)[]): readonly Variation[] {
  if (!keys.some((key) => request[key] !== undefined)) return [];
  return [{ sort: what, what, change: Object.fromEntries(keys.map((key) => [key, undefined])) }];
}

const careful: Partial<Request> = {
  gpuMemoryUtilization: carefulLoad.fraction,
  maxNumSeqs: carefulLoad.maxNumSeqs,
  maxNumBatchedTokens: carefulLoad.maxNumBatchedTokens,
};

/** Requests that differ in one thing from `request`, nearest first. */
function variations(request: Request): readonly Variation[] {
  const { precision, kvCache } = request;
  return [
    ...without(request, 'another partition', ['partition']),
    ...without(request, 'another account', ['account']),
    ...without(request, 'another QOS', ['qos']),
    ...without(request, 'a shorter time limit', ['timeMinutes']),
    ...without(request, 'another way to cut the model', ['tensor', 'pipeline', 'expert']),
    ...fewerTokens(request),
    ...(kvCache === 'fp8'
      ? []
      : [{ sort: 'kv', what: 'a KV cache in fp8', change: { kvCache: 'fp8' as const } }]),
    ...(precision === undefined
      ? [{ sort: 'precision', what: 'weights in fp8', change: { precision: 'fp8' as const } }]
      : []),
    ...(request.gpuMemoryUtilization === undefined && request.maxNumSeqs === undefined
      ? [{ sort: 'careful', what: 'small batches and little reserve', change: careful }]
      : []),
    ...otherCounts(request),
    ...without(request, 'a higher latency', ['maxLatencyMs']),
    ...(request.partition === undefined
      ? []
      : without(request, 'another partition and number of GPUs', ['partition', 'gpus'])),
    ...(request.tensor === undefined && request.pipeline === undefined
      ? []
      : without(request, 'another number of GPUs and way to cut the model', [
          'gpus',
          'tensor',
          'pipeline',
          'expert',
        ])),
  ];
}

/** What a layout offers, in a few words. */
export function figures({ sharding, replicas, capacity, rates, gpu, gpus, arrangement }: Layout): string {
  const { tensor, pipeline, expert } = sharding;
  const cut = [
    ...(tensor > 1 ? [`tensor ${tensor}`] : []),
    ...(pipeline > 1 ? [`pipeline ${pipeline}`] : []),
    ...(expert > 1 ? [`expert ${expert}`] : []),
  ].join(' × ');
  const nodes = arrangement.nodes === 1 ? '' : ` on ${arrangement.nodes} nodes`;
  const size = gpus === 1 ? gpu.name : `(${gpus} × ${gpu.name})`;
  const where = `${replicas === 1 && gpus > 1 ? `${gpus} × ${gpu.name}` : `${replicas} × ${size}`}${cut === '' ? '' : `, ${cut}`}${nodes}`;
  return `${where}, ${capacity.maxModelLen} tokens of context, ${Math.round(rates.tokensPerSecond * replicas)} tokens/s`;
}

/** Requests near this one that can be served, each with its figures: one of each sort, and few. */
export function alternatives(
  request: Request,
  tryOut: (changed: Request) => (Layout & { readonly partition?: string }) | undefined,
  command: (changed: Request) => string,
): readonly Alternative[] {
  const found: Alternative[] = [];
  const sorts = new Set<string>();
  for (const { sort, what, change } of variations(request)) {
    if (found.length >= most) break;
    if (sorts.has(sort)) continue;
    const changed = { ...request, ...change };
    const layout = tryOut(changed);
    if (layout === undefined) continue;
    sorts.add(sort);
    const where = layout.partition === undefined ? '' : ` in ${layout.partition}`;
    found.push({ summary: `${what}: ${figures(layout)}${where}`, command: command(changed) });
  }
  return found;
}
