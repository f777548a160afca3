import { describe, expect, it } from 'vitest';
import { explainError } from '../../../src/core/slurm/errors.ts';
import { captured, facts, releases } from './captured.ts';

const all = facts('errors.tsv');

describe('explainError', () => {
  it.each(all)('knows "%s"', (message, retry) => {
    const explained = explainError(`sbatch: error: Batch job submission failed: ${message}\n`);
    expect(explained?.retry).toBe(retry);
    expect(explained?.meaning).toMatch(/^[A-Z].*\.$/s);
    expect(explained?.cure).toMatch(/\.$/);
  });

  it('tells an answer that is lost from a controller that was never asked', () => {
    const answer = (text: string): string | undefined => explainError(text)?.answer;
    expect(answer('slurm_load_jobs error: Unable to contact slurm controller (connect failure)')).toBe(
      'unreachable',
    );
    expect(answer('Unable to contact slurm controller (send failure)')).toBe('unreachable');
    expect(answer('Unable to contact slurm controller (receive failure)')).toBe('ambiguous');
    expect(answer('Socket timed out on send/recv operation')).toBe('ambiguous');
    expect(answer('sacct: error: slurm_persist_conn_open: … Unable to connect to database')).toBe(
      'unreachable',
    );
    expect(answer('Invalid qos specification')).toBe('given');
  });

  it.each(
    releases.flatMap((release) =>
      ['sbatch', 'squeue', 'scancel', 'sacct', 'sacctmgr'].map((program) => [release, program] as const),
    ),
  )('sees in what %s prints that nobody answers %s', (release, program) => {
    const stderr = captured(release, `unreachable-${program}.stderr`);
    expect(stderr).not.toBe('');
    expect(explainError(stderr)).toMatchObject({ answer: 'unreachable', retry: 'wait' });
  });

  it('names the limit that a policy means', () => {
    const policy =
      "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)";
    expect(explainError(`sbatch: error: QOSMaxGRESPerJob\n${policy}`)).toMatchObject({
      meaning: 'It asks for more GPUs than the QOS allows one job.',
      retry: 'never',
    });
    expect(explainError(`sbatch: error: AssocMaxSubmitJobLimit\n${policy}`)).toMatchObject({ retry: 'wait' });
    expect(explainError(policy)).toMatchObject({ retry: 'wait' });
  });

  it.each(['', 'sbatch: error: something new', 'toString'])('does not guess at "%s"', (stderr) => {
    expect(explainError(stderr)).toBeUndefined();
  });
});
