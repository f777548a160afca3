import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSbatch, parseStartEstimate } from '../../../src/core/slurm/sbatch-reply.ts';
import { sbatchArguments, type SbatchOptions } from '../../../src/core/slurm/sbatch.ts';
import { captured, releases, versionOf } from './captured.ts';

const plain: SbatchOptions = {
  script: '/home/alice/serve/jobs/abcdefghij/job.sh',
  jobName: 'hs.demo.abcdefghij',
  directory: '/home/alice/serve/jobs/abcdefghij',
  output: '/home/alice/50% of %j/job.log',
  partition: 'h100',
  account: null,
  qos: null,
  reservation: null,
  nodes: 1,
  gpusPerNode: 8,
  gres: 'h100',
  cpusPerTask: 16,
  memoryPerNodeMiB: 65_536,
  timeLimitMinutes: 1_500,
  requeue: false,
  exclude: [],
  version: versionOf('24.11.5'),
};

describe('sbatchArguments', () => {
  it('builds a plain job', () => {
    expect(sbatchArguments(plain)).toEqual([
      '--parsable',
      '--job-name=hs.demo.abcdefghij',
      '--chdir=/home/alice/serve/jobs/abcdefghij',
      '--output=/home/alice/50%% of %%j/job.log',
      '--open-mode=append',
      '--export=NIL',
      '--partition=h100',
      '--nodes=1',
      '--ntasks-per-node=1',
      '--cpus-per-task=16',
      '--mem=65536M',
      '--gres=gpu:h100:8',
      '--time=1-01:00:00',
      '--no-requeue',
      '/home/alice/serve/jobs/abcdefghij/job.sh',
    ]);
  });

  it('builds a job with every option', () => {
    const all = sbatchArguments({
      ...plain,
      error: '/home/alice/err',
      account: 'ml',
      qos: 'short',
      reservation: 'teach',
      gres: null,
      requeue: true,
      exclude: ['node1', 'node2', 'node7'],
      signal: { name: 'USR1', secondsBeforeEnd: 600 },
      dependency: { afterAny: '123' },
      beginInSeconds: 3_600,
      testOnly: true,
      timeLimitMinutes: 0,
    });
    for (const argument of [
      '--error=/home/alice/err',
      '--account=ml',
      '--qos=short',
      '--reservation=teach',
      '--gres=gpu:8',
      '--requeue',
      '--exclude=node[1-2,7]',
      '--signal=B:USR1@600',
      '--dependency=afterany:123',
      '--begin=now+3600',
      '--test-only',
      '--time=0',
    ]) {
      expect(all).toContain(argument);
    }
    expect(all.at(-1)).toBe(plain.script);
  });

  it.each([
    ['22.05.8', 'NONE'],
    ['24.11.5', 'NIL'],
    ['26.05.5', 'NIL'],
  ] as const)('keeps the environment out with the word that %s knows', (release, word) => {
    expect(sbatchArguments({ ...plain, version: versionOf(release) })).toContain(`--export=${word}`);
    expect(sbatchArguments({ ...plain, version: undefined })).toContain('--export=NONE');
  });

  it('leaves out what the job does not need', () => {
    const arguments_ = sbatchArguments({ ...plain, gpusPerNode: 0 }).join(' ');
    expect(arguments_).not.toMatch(/gres|account|qos|reservation|exclude|dependency|begin|signal/);
  });

  it.each([
    { jobName: 'two words' },
    { jobName: '--wrap=id' },
    { partition: 'h100\n#SBATCH --uid=0' },
    { account: 'a;id' },
    { qos: '' },
    { gres: 'h100:8,nvme' },
    { exclude: ['node1,node2'] },
    { exclude: ['[1-9]'] },
    { script: 'job.sh' },
    { script: '/a\nb' },
    { output: '/home/a\\%j' },
    { directory: '~/x' },
    { nodes: 0 },
    { nodes: 1.5 },
    { cpusPerTask: Number.NaN },
    { dependency: { afterAny: '1:2' } },
  ])('throws for %j', (wrong) => {
    expect(() => sbatchArguments({ ...plain, ...wrong })).toThrow(TypeError);
  });

  it('never lets a name become another option', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('account', 'qos', 'partition', 'gres'),
        (text, key) => {
          let built: readonly string[];
          try {
            built = sbatchArguments({ ...plain, [key]: text });
          } catch {
            return;
          }
          const options = built.slice(0, -1);
          expect(options.every((option) => /^--[a-z-]+(=[\x20-\x7e]*)?$/.test(option))).toBe(true);
          expect(new Set(options.map((option) => option.split('=')[0])).size).toBe(options.length);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

const output = (exitCode: number, stdout: string, stderr = ''): Parameters<typeof parseSbatch>[0] => ({
  exitCode,
  stdout,
  stderr,
});

describe('parseSbatch', () => {
  it.each(releases)('finds the job id that %s prints', (release) => {
    const stdout = captured(release, 'accepted.txt');
    expect(parseSbatch(output(0, stdout))).toEqual({ kind: 'accepted', job: stdout.trim(), cluster: null });
  });

  it.each([
    ['1234;gpu-cluster\n', '1234', 'gpu-cluster'],
    ['Welcome!\nYour quota is 80 %\n77\n', '77', null],
    ['77', '77', null],
    ['  77 \n\n', '77', null],
  ])('finds it in %j', (stdout, job, cluster) => {
    expect(parseSbatch(output(0, stdout))).toEqual({ kind: 'accepted', job, cluster });
  });

  it('does not mind an error that was overcome', () => {
    const stderr = 'sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying\n';
    expect(parseSbatch(output(0, '8\n', stderr)).kind).toBe('accepted');
  });

  it.each(
    releases.flatMap((release) =>
      ['node', 'partition', 'account', 'qos', 'gres', 'memory'].map((what) => [release, what] as const),
    ),
  )('explains a refusal of %s: %s', (release, what) => {
    const stderr = captured(release, `refused-${what}.stderr`);
    expect(stderr).not.toBe('');
    const reply = parseSbatch(output(1, '', stderr));
    expect(reply).toMatchObject({ kind: 'refused', exitCode: 1, stderr, explained: { retry: 'never' } });
  });

  it.each([
    'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation',
    'sbatch: error: Batch job submission failed: Zero Bytes were transmitted or received',
    'sbatch: error: Batch job submission failed: Unable to contact slurm controller (receive failure)',
  ])('does not know after "%s"', (stderr) => {
    expect(parseSbatch(output(1, '', stderr)).kind).toBe('uncertain');
  });

  it('knows that nothing was submitted when the controller could not be asked', () => {
    const stderr =
      'sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)';
    expect(parseSbatch(output(1, '', stderr))).toMatchObject({
      kind: 'unavailable',
      explained: { retry: 'wait' },
    });
  });

  it("passes on a site's own refusal", () => {
    const stderr =
      'sbatch: error: Please use at most 4 GPUs on Fridays.\nsbatch: error: Batch job submission failed: Unspecified error';
    expect(parseSbatch(output(1, '', stderr))).toMatchObject({ kind: 'refused', stderr });
    expect(parseSbatch(output(1, '', 'sbatch: error: cli_filter says no'))).toMatchObject({
      kind: 'refused',
      explained: undefined,
    });
  });

  it.each([
    ['success without an id', output(0, 'ok\n')],
    ['a line that only resembles an id', output(0, 'job 77\n')],
    ['an id and a failure', output(1, '77\n')],
    ['a killed sbatch', output(137, '')],
    ['a time-out', output(124, '')],
    ['silence', output(1, '')],
    ['an unknown program speaking', output(1, '', 'bash: fork: Resource temporarily unavailable')],
  ])('does not know after %s', (_what, reply) => {
    expect(parseSbatch(reply).kind).toBe('uncertain');
  });

  it('knows that a missing sbatch submits nothing', () => {
    expect(parseSbatch(output(127, '', 'sh: 1: sbatch: not found')).kind).toBe('refused');
  });

  it('never takes an answer for an acceptance that has no id on its last line', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 255 }),
        fc.string({ unit: 'binary' }),
        fc.string(),
        (code, stdout, stderr) => {
          const reply = parseSbatch(output(code, stdout, stderr));
          if (reply.kind === 'accepted') {
            expect(code).toBe(0);
            expect(stdout.trimEnd().split('\n').at(-1)?.trim()).toMatch(/^\d{1,10}(;[\w.-]+)?$/);
          }
        },
      ),
    );
  });
});

describe('parseStartEstimate', () => {
  it.each(releases)('reads --test-only of %s', (release) => {
    const estimate = parseStartEstimate(output(0, '', captured(release, 'test-only.stderr')));
    expect(estimate).toMatchObject({ processors: 1, nodes: ['node1'], partition: 'h100' });
    expect(estimate?.startTime).toBeGreaterThan(1_795_000_000);
  });

  it('gives no time where it was printed in a format without a zone', () => {
    const stderr =
      'sbatch: Job 5 to start at 2026-11-20T13:05:13 using 8 processors on nodes node[1-2] in partition h100\n';
    expect(parseStartEstimate(output(0, '', stderr))).toEqual({
      startTime: null,
      processors: 8,
      nodes: ['node1', 'node2'],
      partition: 'h100',
    });
  });

  it('gives nothing for a refusal', () => {
    expect(
      parseStartEstimate(output(1, '', 'allocation failure: Requested node configuration is not available')),
    ).toBeUndefined();
  });
});
