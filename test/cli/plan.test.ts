import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { localFiles } from '../../src/effects/local-files.ts';
import type { Context, Screen } from '../../src/cli/context.ts';
import { createProgram } from '../../src/cli/program.ts';
import { writeProfile } from '../../src/core/cluster/write-profile.ts';
import type { ClusterProfile } from '../../src/core/cluster/profile.ts';
import { aClock } from '../support/fake-ports.ts';
import { memoryProfiles } from '../support/memory-profiles.ts';
import { nodeGroup, profile } from '../support/planning.ts';
import { templates } from '../support/templates.ts';

const directory = mkdtempSync(join(tmpdir(), 'hpc-serve-plan-'));
afterAll(() => rmSync(directory, { recursive: true }));

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line against one profile; nothing can be reached. */
async function run(site: ClusterProfile, ...argv: readonly string[]): Promise<Ran> {
  const texts = { stdout: '', stderr: '' };
  const screen = (name: keyof typeof texts): Screen => ({
    ...{ isTerminal: false, colour: false, columns: 80, rows: 24, held: false },
    write: (text) => void (texts[name] += text),
  });
  let drawn = 0;
  const unused = (): never => {
    throw new Error('planning reaches nothing');
  };
  const context: Context = {
    ...{ stdout: screen('stdout'), stderr: screen('stderr'), clock: aClock(), files: localFiles },
    ids: {
      base32: (length) =>
        'abcdefghij'
          .repeat(6)
          .slice(drawn++ % 8)
          .slice(0, length),
    },
    log: { debug: () => undefined, warn: () => undefined, hide: () => undefined },
    ...{ remotes: { connect: unused }, localPorts: { listen: unused } },
    ...{ profiles: memoryProfiles(new Map([[site.name, writeProfile(site)]])), templates, prompt: undefined },
    ...{ signal: new AbortController().signal, packageDirectory: '.', version: '0' },
  };
  const program = createProgram('0', () => Promise.resolve(context));
  return { exitCode: await program.run(argv), ...texts };
}

const site = profile();

describe('hpc-serve plan', () => {
  it('prints the decision, its reasons, and the next command', async () => {
    const { exitCode, stdout } = await run(site, 'plan', 'llama3.1-70b', '--gpus', '8');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^llama3\.1-70b \(bf16\) by vllm 0\.19\.0 on 8 × H100 80GB HBM3: 2 replicas, tensor 4\n/,
    );
    for (const heading of ['why', 'memory', 'capacity', 'speed', 'where', 'cost']) {
      expect(stdout).toMatch(new RegExp(`^  ${heading} `, 'm'));
    }
    expect(stdout).toMatch(/█+▓+▒*░+·+ {2}[\d.]+ of 79\.1 GiB/);
    expect(stdout).toContain('→ hpc-serve submit llama3.1-70b --cluster sandbox --gpus 8');
  });

  it('has the keys that programs read', async () => {
    const { stdout } = await run(site, 'plan', 'llama3-8b', '--gpus', '2', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      model: { parameters: 8_030_261_248, kvBytesPerToken: 131_072 },
      engine: { name: 'llamacpp' },
      precision: { weights: 'bf16', kvCache: 'bf16' },
      parallelism: { tensor: 1, pipeline: 1, expert: 1, replicas: 2 },
      placement: { partition: 'h100', nodes: 1, gpusPerNode: 2, gpu: 'h100-80' },
      memory: { totalGiB: expect.any(Number) as number, kvCacheGiB: expect.any(Number) as number },
      capacity: { maxModelLen: 8192 },
      cost: { gpuHours: 16 },
    });
  });

  it('plans for hardware alone', async () => {
    const line = ['plan', 'qwen3-32b', '--gpu', 'h100-80', '--gpus', '4', '--weights', 'fp8'];
    const { exitCode, stdout } = await run(site, ...line, '--engine', 'trtllm@1.0', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      cluster: null,
      engine: { name: 'tensorrt-llm', version: '1.0' },
      precision: { weights: 'fp8' },
      placement: { partition: null, nodes: 1, gpusPerNode: 4 },
    });
  });

  it('warns where the cluster lacks weights, and where hpc-serve does not start the engine', async () => {
    const missing = await run(site, 'plan', 'qwen3-8b', '--json');
    expect(missing.exitCode).toBe(0);
    expect(missing.stdout).toContain('The profile lists no weights of it');
    const engine = await run(site, 'plan', 'llama3.1-8b', '--engine', 'sglang');
    expect(engine.stdout).toContain('! hpc-serve does not start this engine');
    expect(engine.stdout).not.toContain('→');
  });

  it('refuses with exit code 3 and what would work', async () => {
    const line = ['plan', 'llama3.1-70b', '--gpus', '1', '--partition', 'l40s'];
    const told = await run(site, ...line);
    expect(told.exitCode).toBe(3);
    expect(told.stderr).toMatch(/→ .*tokens of context, \d+ tokens\/s/);
    const { exitCode, stdout } = await run(site, ...line, '--json');
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      refused: true,
      because: expect.stringContaining('does not fit 1 × L40S') as string,
      alternatives: [{ command: 'hpc-serve plan llama3.1-70b --cluster sandbox' }],
    });
  });

  it('plans a replica over several nodes, and says that it is not started yet', async () => {
    const wide = profile({ partitions: [{ name: 'big', nodes: [nodeGroup('n[1-4]', 4, 'h100', 8)] }] });
    const { exitCode, stdout } = await run(wide, 'plan', 'deepseek-r1', '--gpus', '16', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      parallelism: { tensor: 8, pipeline: 2 },
      warnings: [expect.stringContaining('spans nodes')],
    });
  });

  it.each([
    [['--gpu', 'h100'], 'Did you mean'],
    [['--weights', 'fp7'], '--weights must be'],
    [['--engine', 'vllm@@1'], '--engine must be'],
    [['--gpu', 'h100-80', '--save', 'x'], 'Only a plan for a cluster'],
    [['--model-config', '/nosuch/config.json'], 'no such file'],
  ])('says what is wrong with %j', async (options, text) => {
    const { exitCode, stderr } = await run(site, 'plan', 'llama3-8b', ...options);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(text);
  });

  it('reads a config.json, and refuses one that is too large or none', async () => {
    const file = join(directory, 'config.json');
    const config = {
      ...{
        architectures: ['LlamaForCausalLM'],
        model_type: 'llama',
        hidden_size: 4096,
        num_hidden_layers: 32,
      },
      ...{ num_attention_heads: 32, num_key_value_heads: 8, intermediate_size: 14_336, vocab_size: 128_256 },
      ...{ max_position_embeddings: 8192, torch_dtype: 'bfloat16', tie_word_embeddings: false },
    };
    const line = ['plan', 'our-own', '--model-config', file, '--gpu', 'h100-80', '--gpus', '1', '--json'];
    writeFileSync(file, JSON.stringify(config));
    const made = await run(site, ...line);
    expect(made.exitCode).toBe(0);
    expect(JSON.parse(made.stdout)).toMatchObject({ model: { name: 'our-own', parameters: 8_030_261_248 } });
    writeFileSync(file, '{');
    expect((await run(site, ...line)).exitCode).toBe(2);
    writeFileSync(file, ' '.repeat(50 * 2 ** 20));
    expect((await run(site, ...line)).stdout).toContain('is larger than');
  });
});

describe('a saved plan', () => {
  const file = join(directory, 'plan.json');

  it('is applied as it was shown', async () => {
    const saved = await run(site, 'plan', 'llama3-8b', '--gpus', '8', '--time', '2h', '--save', file);
    expect(saved.stdout).toContain(`→ hpc-serve submit --plan ${file}`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { exitCode, stdout } = await run(site, 'submit', '--plan', file, '--dry-run', '--json');
    expect(exitCode).toBe(0);
    const { plan } = JSON.parse(stdout) as { plan: { placement: unknown; attempt: string } };
    const before = (JSON.parse(readFileSync(file, 'utf8')) as { plan: typeof plan }).plan;
    expect(plan.placement).toEqual(before.placement);
    expect(plan.placement).toMatchObject({ timeLimitMinutes: 120, gpusPerNode: 8 });
  });

  it('is refused with the difference where the cluster has changed', async () => {
    await run(site, 'plan', 'llama3-8b', '--gpus', '8', '--save', file);
    const nodes = [nodeGroup('node[1-2]', 2, 'h100', 4)];
    const changed = profile({ partitions: [{ name: 'h100', maxTime: '2-00:00:00', nodes }] });
    const { exitCode, stderr } = await run(changed, 'submit', '--plan', file, '--dry-run');
    expect(exitCode).toBe(3);
    expect(stderr).toContain('is stale');
    expect(stderr).toContain('placement.nodes: 1 → 2');
  });

  it('is not mixed with other options, nor read from what is none', async () => {
    expect((await run(site, 'submit', '--plan', file, '--gpus', '2')).exitCode).toBe(2);
    expect((await run(site, 'submit')).exitCode).toBe(2);
    writeFileSync(file, '{"format":1}');
    const { exitCode, stderr } = await run(site, 'submit', '--plan', file);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('it is no plan');
  });
});
