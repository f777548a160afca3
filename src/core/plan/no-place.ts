import type { ClusterProfile } from '../cluster/profile.ts';
import type { Failure } from '../failure.ts';
import { alternatives } from './alternatives.ts';
import { commandOf } from './command.ts';
import { placements, type PlacementQuestion } from './placement.ts';
import type { Request } from './request.ts';

/** The refusal of a request that has no place on a cluster, with the nearest requests that have one. */
export function noPlace(
  request: Request,
  profile: ClusterProfile,
  reasons: readonly string[],
  ask: { readonly verb: 'plan' | 'submit'; readonly question: (changed: Request) => PlacementQuestion },
): Failure {
  return {
    kind: 'plan-impossible',
    because: `${request.model} has no place on ${profile.name}.`,
    reasons,
    alternatives: alternatives(
      request,
      (changed) => {
        const [place] = placements(ask.question(changed)).candidates;
        return place === undefined ? undefined : { ...place.layout, partition: place.partition.name };
      },
      (changed) => commandOf(ask.verb, changed, [['--cluster', profile.name]]),
    ),
  };
}
