import type { Templates } from '../ports.ts';
import { slurmEnvironment } from '../slurm/environment.ts';
import type { Bundle } from './bundle.ts';
import { sh } from './quote.ts';

/**
 * The bundle as it is uploaded: with the `sbatch` command in a script of its own (so that people can read and repeat
 * it), and with the script that runs it exactly once and notes the answer. `slurmBin`: see `slurmEnvironment`.
 */
export function withSubmission(bundle: Bundle, templates: Templates, slurmBin: string | null): Bundle {
  const command = ['sbatch', ...bundle.sbatch].map(sh).join(' ');
  return {
    ...bundle,
    files: [
      ...bundle.files,
      { path: 'sbatch.sh', mode: 0o600, content: `exec ${command}\n` },
      {
        path: 'submit.sh',
        mode: 0o600,
        content: slurmEnvironment(slurmBin) + templates.read('job/submit.sh'),
      },
    ],
  };
}
