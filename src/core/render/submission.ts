import type { Templates } from '../ports.ts';
import { slurmPrelude } from '../slurm/environment.ts';
import type { Bundle, BundleFile } from './bundle.ts';
import { sh } from './quote.ts';

/**
 * The files as they are uploaded: the bundle, the `sbatch` command in a script of its own (so that people can read
 * and repeat it), and the script that runs it exactly once and notes the answer.
 */
export function submissionFiles(bundle: Bundle, templates: Templates): readonly BundleFile[] {
  const command = ['sbatch', ...bundle.sbatch].map(sh).join(' ');
  return [
    ...bundle.files,
    { path: 'sbatch.sh', mode: 0o600, content: `exec ${command}\n` },
    { path: 'submit.sh', mode: 0o600, content: slurmPrelude + templates.read('job/submit.sh') },
  ];
}
