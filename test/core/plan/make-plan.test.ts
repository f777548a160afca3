import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listModels } from '../../../src/core/catalog/model.ts';
import type { ClusterProfileInput } from '../../../src/core/cluster/profile.ts';
import type { Failure } from '../../../src/core/failure.ts';
import { makePlan, type PlanInput } from '../../../src/core/plan/make-plan.ts';
import type { Plan } from '../../../src/core/plan/plan.ts';
import type { Request } from '../../../src/core/plan/request.ts';
import { attempt, deployment, nodeGroup, now, profile, request } from '../../support/planning.ts';

type Site = Partial<ClusterProfileInput>;

function run(model: string, asked: Partial<Request> = {}, site: Site = {}, free?: PlanInput['free']) {
  const input = { request: request(model, asked), profile: profile(site), now, attempt };
  return makePlan(free === undefined ? input : { ...input, free });
}

function plan(...args: Parameters<typeof run>): Plan {
  const result = run(...args);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}

function failure(...args: Parameters<typeof run>): Failure {
  const result = run(...args);
  if (result.ok) throw new Error(`planned in ${result.value.placement.partition}`);
  return result.failure;
}

function because(...args: Parameters<typeof run>): string {
  const found = failure(...args);
  if (found.kind !== 'plan-impossible') throw new Error(JSON.stringify(found));
  return [found.because, ...found.reasons].join('\n');
}

describe('a model that fits one GPU', () => {
  it('becomes eight replicas in one job for --gpus 8', () => {
    const made = plan('llama3-8b', { gpus: 8 });
    expect(made.placement).toMatchObject({
      ...{ partition: 'h100', nodes: 1, gpusPerNode: 8, gpu: 'h100-80', gres: 'h100' },
      ...{ cpusPerNode: 64, timeLimitMinutes: 480, account: null, qos: null },
    });
    expect(made.parallelism).toEqual({ tensor: 1, pipeline: 1, expert: 1, replicas: 8 });
    expect(made.replicas.map(({ node, gpus }) => [node, ...gpus])).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7].map((gpu) => [0, gpu]),
    );
    expect(made.jobName).toBe('hs.llama3-8b.abcdefghij');
    expect(made.createdAt).toBe('2026-01-02T03:04:05.000Z');
    expect(made.paths.keyFile).toBe('/scratch/alice/hpc-serve/deployments/llama3-8b/jobs/abcdefghij/key');
    expect(made.capacity).toMatchObject({ maxModelLen: 8192, concurrentRequests: 4 });
    expect(made.cost.gpuHours).toBe(64);
  });

  it('is spread over nodes that have fewer GPUs', () => {
    const made = plan('llama3-8b', { gpus: 8, partition: 'a100' });
    expect(made.placement).toMatchObject({ nodes: 2, gpusPerNode: 4, gpu: 'a100-80' });
    expect(made.replicas.map(({ index, node, gpus }) => [index, node, ...gpus])).toEqual([
      ...[0, 1, 2, 3].map((gpu) => [gpu, 0, gpu]),
      ...[0, 1, 2, 3].map((gpu) => [gpu + 4, 1, gpu]),
    ]);
  });

  it('takes one GPU when nothing is said', () => {
    expect(plan('llama3-8b').placement).toMatchObject({ nodes: 1, gpusPerNode: 1 });
    expect(plan('llama3.1-8b').engine.name).toBe('vllm');
  });

  it('serves the context that was asked for', () => {
    expect(plan('llama3-8b', { maxModelLen: 2048 }).capacity).toMatchObject({ maxModelLen: 2048 });
    const long = plan('llama3-8b', { maxModelLen: 100_000 });
    expect(long.capacity.maxModelLen).toBe(100_000);
    expect(long.warnings).toContain('llama3-8b was made for 8192 tokens, not 100000.');
  });
});

describe('a maintenance', () => {
  const reservations = [
    {
      name: 'upgrade',
      start: '2026-01-02T05:04:05Z',
      end: '2026-01-03T00:00:00Z',
      nodes: 'node[1-9]',
      flags: ['MAINT'],
    },
  ];

  it('is told where the job would run into it', () => {
    const told = plan('llama3-8b', { gpus: 8 }, { reservations }).warnings.join();
    expect(told).toContain('The maintenance upgrade takes nodes');
    expect(told).toContain('--time 02:00:00');
  });

  it('matters neither to a short job nor on other nodes', () => {
    expect(plan('llama3-8b', { gpus: 8, timeMinutes: 90 }, { reservations }).warnings).toEqual([]);
    const elsewhere = reservations.map((one) => ({ ...one, nodes: 'other[1-9]' }));
    expect(plan('llama3-8b', { gpus: 8 }, { reservations: elsewhere }).warnings).toEqual([]);
  });
});

describe('the precision of the weights', () => {
  const fp8 = '/opt/models/Llama-3.1-8B-Instruct-FP8';

  it('is what the name of the checkpoint tells', () => {
    const made = plan('llama3.1-8b', { weights: fp8 });
    expect(made.precision.weights).toBe('fp8');
    expect(made.engine.argv).not.toContain('--quantization');
  });

  it('is narrowed to fp8 by vLLM where that was asked for, and only there', () => {
    expect(plan('llama3.1-8b', { precision: 'fp8' }).engine.argv).toContain('--quantization');
    const already = plan('llama3.1-8b', { precision: 'fp8', weights: fp8 });
    expect(already.engine.argv).not.toContain('--quantization');
    const awq = plan('llama3.1-8b', { precision: 'awq' });
    expect(awq.warnings[0]).toContain('must be a checkpoint in awq');
    expect(awq.memory.weightsGiB).toBeLessThan(already.memory.weightsGiB);
  });
});

describe('a model that needs more', () => {
  it('is cut by tensor for vLLM', () => {
    const made = plan('llama3.1-70b', { gpus: 8 });
    expect(made.parallelism).toEqual({ tensor: 4, pipeline: 1, expert: 1, replicas: 2 });
    expect(made.replicas.map(({ gpus }) => gpus)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
    expect(made.capacity.maxModelLen % 1024).toBe(0);
  });

  it('is cut by layers for llama.cpp, all GPUs to one server', () => {
    const made = plan('llama3.3-70b', { partition: 'a100' });
    expect(made.parallelism).toMatchObject({ tensor: 1, pipeline: 2, replicas: 1 });
    expect(made.engine.argv.join(' ')).toContain('--split-mode layer');
  });

  it('is refused where no node is large enough', () => {
    expect(because('deepseek-r1')).toContain(
      'h100, debug, preempt: deepseek-r1 does not fit 8 × H100 80GB HBM3',
    );
  });
});

describe('the place', () => {
  it('is the default partition only where that gives the time', () => {
    expect(plan('llama3-8b', { timeMinutes: 20 }).placement.partition).toBe('debug');
    expect(plan('llama3-8b', { timeMinutes: 60 }).placement.partition).toBe('h100');
  });

  it('is preemptible only where nothing else will do', () => {
    const made = plan('llama3-8b', { timeMinutes: 5 * 24 * 60 });
    expect(made.placement.partition).toBe('preempt');
    expect(made.warnings[0]).toContain('may be stopped');
  });

  it('has a QOS that is not preempted, where there is a choice', () => {
    const nodes = [nodeGroup('n1', 1, 'h100', 8)];
    const site: Site = {
      partitions: [
        { name: 'cheap', default: true, qos: ['scavenge'], nodes },
        { name: 'dear', qos: ['paid'], nodes },
      ],
      accounts: [{ name: 'ml', qos: ['scavenge', 'paid'] }],
      qos: [{ name: 'scavenge', preemptible: true }, { name: 'paid' }],
    };
    expect(plan('llama3-8b', {}, site).placement).toMatchObject({ partition: 'dear', qos: 'paid' });
    expect(plan('llama3-8b', { partition: 'cheap' }, site).warnings[0]).toContain('may be stopped');
  });

  it('has free GPUs where there is a choice', () => {
    const free = [{ partition: 'a100', gres: 'a100', perNode: [1, 4] }];
    expect(plan('llama3-8b', { gpus: 4 }, {}, free).placement.partition).toBe('a100');
    expect(plan('llama3-8b', { gpus: 8 }, {}, free).placement.partition).toBe('h100');
  });

  it('is never down', () => {
    const partitions = [
      { name: 'off', up: false, nodes: [nodeGroup('n1', 1, 'h100', 8)] },
      { name: 'on', nodes: [nodeGroup('n2', 1, 'l40s', 2)] },
    ];
    expect(plan('llama3-8b', {}, { partitions }).placement.partition).toBe('on');
    expect(because('llama3-8b', { partition: 'off' }, { partitions })).toContain('off: it is down');
  });

  it('has a GPU that is known', () => {
    const partitions = [{ name: 'p', nodes: [nodeGroup('n1', 1, 'a100', 8)] }];
    expect(because('llama3-8b', {}, { partitions })).toContain('the GPU a100 is not in the catalog');
  });

  it('runs under an account and a QOS that may use it, within their limits', () => {
    const site: Site = {
      partitions: [
        {
          name: 'p',
          accounts: ['bio', 'ml'],
          qos: ['long', 'short'],
          nodes: [nodeGroup('n1', 2, 'h100', 8)],
        },
      ],
      accounts: [
        { name: 'chem', default: true },
        { name: 'ml', qos: ['short', 'tiny'], defaultQos: 'tiny', maxGpusPerJob: 12 },
      ],
      qos: [{ name: 'short', maxTime: '02:00:00' }],
    };
    expect(plan('llama3-8b', {}, site).placement).toMatchObject({
      account: 'ml',
      qos: 'short',
      timeLimitMinutes: 120,
    });
    expect(because('llama3-8b', { gpus: 16 }, site)).toContain('account ml allows 12 GPUs, not 16');
    expect(because('llama3-8b', { account: 'chem' }, site)).toContain(
      'account chem is not allowed; ml would be',
    );
    expect(because('llama3-8b', { qos: 'long' }, site)).toContain('QOS long is not allowed; short would be');
    expect(because('llama3-8b', { timeMinutes: 121 }, site)).toContain(
      'QOS short allows 02:00:00, not 02:01:00',
    );
  });
});

describe('an impossible request', () => {
  it('is answered with what would work', () => {
    const found = failure('llama3.1-70b', { gpus: 1 });
    expect(found).toMatchObject({ kind: 'plan-impossible' });
    const commands = found.kind === 'plan-impossible' ? found.alternatives.map(({ command }) => command) : [];
    expect(commands).toContain('hpc-serve submit llama3.1-70b --cluster sandbox --gpus 2');
  });

  it.each<[Partial<Request>, string]>([
    [{ gpus: 99 }, '--gpus 8'],
    [{ gpus: 8, partition: 'l40s' }, 'llama3-8b --cluster sandbox --gpus 8'],
    [{ partition: 'debug', timeMinutes: 60 }, '--time 60m'],
    [{ partition: 'nosuch' }, 'llama3-8b --cluster sandbox'],
    [{ maxModelLen: 10_000_000 }, '--max-model-len 131072'],
  ])('%j has an alternative with %s', (asked, text) => {
    const found = failure('llama3-8b', asked);
    const commands = found.kind === 'plan-impossible' ? found.alternatives.map(({ command }) => command) : [];
    expect(commands.join('\n')).toContain(text);
    for (const command of commands) expect(command.startsWith('hpc-serve submit llama3-8b ')).toBe(true);
  });

  it.each([0, -1, 1.5, Number.NaN])('of %f GPUs is refused', (gpus) => {
    expect(failure('llama3-8b', { gpus }).kind).toBe('plan-impossible');
  });

  it('names what is missing', () => {
    expect(failure('nosuchmodel').kind).toBe('model-unknown');
    expect(failure('qwen3-8b')).toMatchObject({ kind: 'weights-missing', model: 'qwen3-8b' });
    expect(failure('llama3-8b', { engine: 'vlm' })).toMatchObject({
      kind: 'engine-unknown',
      known: ['vllm', 'llamacpp'],
    });
    expect(failure('llama3-8b', { engine: 'vllm' })).toMatchObject({ kind: 'weights-missing' });
    expect(failure('llama3-8b', {}, { images: [] })).toMatchObject({
      kind: 'image-missing',
      engine: 'llamacpp',
    });
    expect(failure('llama3-8b', {}, { runtimes: [{ kind: 'pyxis' }] })).toMatchObject({
      kind: 'image-missing',
    });
  });

  it.each(['/a:b', '/a,b', '/a\nb', '/a\\b', 'relative', ''])('with the path %j is refused', (path) => {
    expect(failure('llama3-8b', { weights: path }).kind).toBe('usage');
    expect(failure('llama3-8b', { image: path }).kind).toBe('usage');
  });
});

describe('the program', () => {
  it('is the one that was named, before those of the profile', () => {
    const made = plan('llama3-8b', { image: '/my/own.sif', weights: '/my/model.GGUF' });
    expect(made.engine).toMatchObject({ image: '/my/own.sif', runtime: 'apptainer', version: null });
    expect(made.model.weightsPath).toBe('/my/model.GGUF');
  });

  it('is a program of the node where there is no image', () => {
    const programs = [{ engine: 'llamacpp', path: '/opt/bin/llama-server' }];
    const made = plan('llama3-8b', {}, { images: [], runtimes: [], programs });
    expect(made.engine).toMatchObject({ runtime: 'none', image: null });
    expect(made.engine.argv[0]).toBe('/opt/bin/llama-server');
  });

  it('never has the key in its arguments', () => {
    for (const name of ['llama3-8b', 'llama3.1-8b']) expect(plan(name).engine.argv).not.toContain('{key}');
  });
});

describe('every plan', () => {
  const anyRequest = fc.record({
    model: fc.constantFrom(...listModels().map(({ name }) => name)),
    gpus: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
    format: fc.constantFrom('/w/model.gguf', '/w/model'),
    partition: fc.option(fc.constantFrom('h100', 'a100', 'l40s', 'debug', 'preempt'), { nil: undefined }),
    timeMinutes: fc.option(fc.integer({ min: 1, max: 20_000 }), { nil: undefined }),
    maxModelLen: fc.option(fc.integer({ min: 1, max: 300_000 }), { nil: undefined }),
  });

  it('gives each replica its own GPUs, fits them, and survives a file', () => {
    let planned = 0;
    fc.assert(
      fc.property(anyRequest, ({ model, format, ...asked }) => {
        const result = run(model, { ...asked, weights: format });
        if (!result.ok) {
          expect(result.failure.kind).toBe('plan-impossible');
          return;
        }
        planned += 1;
        const { value: made } = result;
        const { placement, parallelism, memory, capacity } = made;
        const perReplica = parallelism.tensor * parallelism.pipeline;
        expect(parallelism.replicas * perReplica).toBe(placement.nodes * placement.gpusPerNode);
        if (asked.gpus !== undefined) expect(placement.nodes * placement.gpusPerNode).toBe(asked.gpus);
        const used = made.replicas.flatMap(({ node, gpus }) => gpus.map((gpu) => `${node}/${gpu}`));
        expect(new Set(used).size).toBe(asked.gpus ?? perReplica);
        for (const { node, gpus } of made.replicas) {
          expect(node).toBeLessThan(placement.nodes);
          expect(Math.max(...gpus)).toBeLessThan(placement.gpusPerNode);
        }
        const needed = memory.weightsGiB + memory.activationsGiB + memory.runtimeGiB + memory.kvCacheGiB;
        expect(needed).toBeCloseTo(memory.totalGiB, 6);
        expect(memory.totalGiB).toBeLessThanOrEqual(memory.gpuGiB);
        expect(capacity.maxModelLen * capacity.concurrentRequests).toBeLessThanOrEqual(
          capacity.kvCacheTokens,
        );
        expect(capacity.concurrentRequests).toBeGreaterThanOrEqual(1);
        const { low, value, high } = made.prediction.outputTokensPerSecond;
        expect(0 < low && low < value && value < high && Number.isFinite(high)).toBe(true);
        expect(JSON.parse(JSON.stringify(made))).toEqual(made);
      }),
      { numRuns: 500 },
    );
    expect(planned).toBeGreaterThan(50);
  });

  it('is the same for the same input', () => {
    expect(plan('llama3-8b', { gpus: 8 })).toEqual(plan('llama3-8b', { gpus: 8 }));
  });

  it('gives a reason for each decision', () => {
    const { decisions } = plan('llama3-8b', { gpus: 8, deployment: deployment('chat') });
    expect(decisions.map(({ what }) => what)).toEqual([
      ...['weights', 'precision', 'engine', 'program', 'partition', 'replicas', 'context', 'time limit'],
    ]);
    for (const { value, because: reason } of decisions)
      expect(value.length && reason.length).toBeGreaterThan(0);
  });
});
