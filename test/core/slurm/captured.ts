import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSlurmVersion } from '../../../src/core/slurm/version.ts';

const root = join(import.meta.dirname, '../../fixtures/slurm');

/** The releases that were captured; see test/fixtures/slurm/README.md. */
export const releases = ['22.05.8', '24.11.5', '26.05.5'] as const;
export type Release = (typeof releases)[number];
/** A differently configured cluster of 24.11.5: no accounting, untyped GPUs. */
export type Cluster = Release | '24.11.5-other';

/** A captured file; empty where the program printed nothing. */
export function captured(cluster: Cluster, file: string): string {
  const path = join(root, cluster, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

export function versionOf(release: Release): ReturnType<typeof parseSlurmVersion> {
  return parseSlurmVersion(`slurm ${release}`);
}

/** Rows of a table of facts. */
export function facts(file: string): readonly (readonly [string, string])[] {
  return readFileSync(join(root, file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [key = '', value = ''] = line.split('\t');
      return [key, value];
    });
}
