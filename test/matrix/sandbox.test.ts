import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PresentSandbox } from '../../src/sandbox/status.ts';
import { down, on, testName, up, whyNot } from '../e2e/sandbox-support.ts';

const expected = {
  bookworm: { slurm: /^22\.05\./, scrontab: false, apptainer: false, pmix: true },
  trixie: { slurm: /^24\.11\./, scrontab: true, apptainer: true, pmix: true },
  sid: { slurm: /^2[5-9]\./, scrontab: true, apptainer: true, pmix: false },
} as const;
const suites = Object.keys(expected) as (keyof typeof expected)[];

describe.skipIf(whyNot).each(suites)(whyNot ?? 'the sandbox on %s', (suite) => {
  const name = testName(suite);
  const { slurm, scrontab, apptainer, pmix } = expected[suite];
  let sandbox: PresentSandbox;

  beforeAll(async () => {
    sandbox = await up({ name, suite });
  });
  afterAll(() => down(name));

  const has = async (program: string): Promise<boolean> =>
    (await on(sandbox, `command -v ${program} || true`)) !== '';

  test('has the version and the parts that the suite has', async () => {
    expect(sandbox).toMatchObject({ state: 'up', suite, problems: [] });
    expect(sandbox.slurmVersion).toMatch(slurm);
    expect(await has('scrontab')).toBe(scrontab);
    expect(await has('apptainer')).toBe(apptainer);
    expect((await on(sandbox, 'srun --mpi=list 2>&1')).includes('pmix')).toBe(pmix);
  });

  test('gives a job its GPUs', async () => {
    const asked = 'timeout 40 srun -p a100 -N2 --gpus-per-node=3';
    expect(
      await on(sandbox, `${asked} bash -c 'hostname; echo $CUDA_VISIBLE_DEVICES' 2>/dev/null | sort`),
    ).toBe('0,1,2\n0,1,2\nnode2\nnode3');
  });

  test('accepts a schedule where it has scrontab', async ({ skip }) => {
    if (!scrontab) skip('no scrontab in this version');
    expect(
      await on(sandbox, "echo '*/5 * * * * true' | scrontab - && squeue -h -o %i:%T && scrontab -r"),
    ).toMatch(/^\d+:PENDING$/);
  });

  test('keeps accounts', async () => {
    await on(sandbox, 'timeout 40 srun -p l40s -J counted true 2>/dev/null');
    const recorded = 'sacct -nPX --name counted -o account,partition';
    expect(await on(sandbox, `for i in 1 2 3 4 5; do ${recorded} | grep . && break; sleep 1; done`)).toBe(
      'ml|l40s',
    );
  });

  test('serves an engine in a job, without a container and with one', async () => {
    const program = `llama-server -m ${sandbox.paths.models}/Qwen3-0.6B/model.gguf --host 0.0.0.0 -t 1 -c 1024`;
    const image = `apptainer exec --bind ${sandbox.paths.models} ${sandbox.paths.images}/llama-server.sif`;
    const engines = [
      `${sandbox.paths.engine} ${program.slice(13)}`,
      ...(apptainer ? [`${image} ${program}`] : []),
    ];
    for (const [index, engine] of engines.entries()) {
      const port = 9500 + index;
      const answer = await on(
        sandbox,
        `job=$(sbatch --parsable -p l40s --gpus-per-node=1 -o /scratch/alice/%j.out --wrap '${engine} --port ${port}')
         for try in $(seq 150); do curl -sf node4:${port}/health >/dev/null && break; sleep 0.2; done
         curl -s node4:${port}/v1/chat/completions -d '{"messages":[{"role":"user","content":"Hi"}],"temperature":0}'
         scancel $job`,
      );
      expect(answer).toContain('one tunnel.');
    }
  });
});
