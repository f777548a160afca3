import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { slurmPrelude } from '../../../src/core/slurm/environment.ts';

const noise = {
  PATH: process.env['PATH'] ?? '',
  SLURM_TIME_FORMAT: 'relative',
  SLURM_UMASK: '0000',
  SLURM_JOB_ID: '7',
  SLURM_CLUSTERS: 'elsewhere',
  SLURM_CONF: '/etc/slurm/slurm.conf',
  SQUEUE_USERS: 'bob',
  SQUEUE_FORMAT2: '%all',
  SACCT_FORMAT: 'all',
  SBATCH_EXCLUSIVE: '1',
  SINFO_FORMAT: 'x\nSBATCH_FAKE=1',
  LC_ALL: 'C.UTF-8',
  HOME: '/root',
};

it.each(['sh', 'bash'])('leaves %s only what Slurm needs', (shell) => {
  const printed = execFileSync(shell, ['-s'], {
    input: `set -eu\n${slurmPrelude}env`,
    env: noise,
    encoding: 'utf8',
  });
  const slurm = printed.split('\n').filter((line) => /^(S[A-Z]+_|LC_ALL)/.test(line));
  expect(slurm.sort()).toEqual(['LC_ALL=C', 'SLURM_CONF=/etc/slurm/slurm.conf', 'SLURM_TIME_FORMAT=%s']);
});
