import { type Of, type Words, words } from './words.ts';

/** What can't be planned. */
export function planWords(
  failure: Of<'plan-impossible' | 'plan-stale' | 'image-missing' | 'weights-missing'>,
): Words {
  switch (failure.kind) {
    case 'plan-impossible':
      return words(
        failure.because,
        failure.reasons,
        failure.alternatives.map((alternative) => `${alternative.summary}: \`${alternative.command}\``),
      );
    case 'plan-stale':
      return words(
        `The plan ${failure.file} is stale: the cluster or its profile has changed.`,
        failure.differences,
        ['Plan again with `hpc-serve plan --save`, and look at what has changed.'],
      );
    case 'image-missing':
      return words(`The cluster has no image of the engine ${failure.engine}.`, searched(failure.searched), [
        'Name one with --image /path/on/the/cluster.sif, or add it to `images:` of the cluster profile.',
        'hpc-serve init finds images again after you have put one there: --images DIR.',
      ]);
    case 'weights-missing':
      return words(`The cluster has no weights of ${failure.model}.`, searched(failure.searched), [
        'Name them with --weights /path/on/the/cluster, or add them to `models:` of the cluster profile.',
        'hpc-serve init finds weights again after you have put them there: --models DIR.',
      ]);
  }
}

function searched(places: readonly string[]): readonly string[] {
  return places.length === 0 ? [] : [`Known to the profile: ${places.join(', ')}`];
}
