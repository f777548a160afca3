import type { Model } from '../catalog/model.ts';
import type { PlanningEngine } from '../engines/engine.ts';
import type { Plan } from './plan.ts';

/** Contexts that are not the model's own are cut to a multiple of this. */
const contextStep = 1024;
/** A served context below this is of little use; models made for less keep their own. */
const smallestContext = 4096;

/** What one replica's KV cache of so many tokens is used for. */
export interface Room {
  readonly kvCacheTokens: number;
  readonly maxNumSeqs: number;
}

/** How requests share a replica's KV cache; undefined where not one of the wanted length fits. */
export function capacityOf(
  asked: {
    readonly model: Pick<Model, 'contextLength'>;
    readonly engine: Pick<PlanningEngine, 'batching'>;
    readonly maxModelLen: number | undefined;
  },
  { kvCacheTokens, maxNumSeqs }: Room,
): Plan['capacity'] | undefined {
  const { contextLength } = asked.model;
  const { batching } = asked.engine;
  const wanted = asked.maxModelLen;
  const least = wanted ?? Math.min(contextLength, smallestContext);
  if (kvCacheTokens < least) return undefined;
  const longest = (room: number): number =>
    room >= contextLength ? contextLength : Math.floor(room / contextStep) * contextStep;
  if (batching.kind === 'paged') {
    const maxModelLen = wanted ?? longest(kvCacheTokens);
    const concurrentRequests = Math.min(maxNumSeqs, Math.floor(kvCacheTokens / maxModelLen));
    return { kvCacheTokens, maxModelLen, concurrentRequests };
  }
  const concurrentRequests = Math.min(batching.count, Math.floor(kvCacheTokens / least));
  const maxModelLen = wanted ?? longest(kvCacheTokens / concurrentRequests);
  return { kvCacheTokens: maxModelLen * concurrentRequests, maxModelLen, concurrentRequests };
}
