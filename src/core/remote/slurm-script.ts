import type { Templates } from '../ports.ts';
import { slurmEnvironment } from '../slurm/environment.ts';
import { preamble } from './preamble.ts';

/**
 * A remote script that calls Slurm: a clean environment (`bin` as in `slurmEnvironment`), `settings` as variables, then the
 * files of templates/remote/ in their order.
 */
export function slurmScript(
  templates: Templates,
  bin: string | undefined,
  settings: Readonly<Record<string, string>>,
  files: readonly string[],
): string {
  const texts = files.map((file) => templates.read(`remote/${file}`));
  return slurmEnvironment(bin) + preamble(settings) + texts.join('');
}
