import { describe, expect, it } from 'vitest';
import { atLeast } from '../../../src/core/engines/version.ts';
import { engines, findEngine } from '../../../src/core/engines/registry.ts';

const settings = {
  servedName: 'llama3-8b',
  tensor: 2,
  pipeline: 1,
  expert: 1,
  load: {
    ...{ fraction: 0.9, maxNumSeqs: 256, maxNumBatchedTokens: 8192 },
    ...{ maxModelLen: undefined, kvCache: 'auto' as const },
  },
  quantization: null,
  maxModelLen: 4096,
  concurrentRequests: 3,
  version: '0.19.0',
};

describe.each(engines.map((engine) => [engine.name, engine] as const))('%s', (name, engine) => {
  it('is found by its name', () => {
    expect(findEngine(name.toUpperCase())).toEqual({ ok: true, value: engine });
  });

  it('has each placeholder as a whole argument, and no key among them', () => {
    const { argv } = engine.command(settings);
    for (const placeholder of ['{model}', '{host}', '{port}']) {
      expect(argv.filter((argument) => argument === placeholder)).toHaveLength(1);
    }
    for (const argument of argv) {
      if (argument.includes('{')) expect(argument).toMatch(/^\{(?:model|host|port|keyFile)\}$/);
    }
  });

  it('asks for the key, by a file or by its environment', () => {
    const { argv, environment } = engine.command(settings);
    expect(argv.includes('{keyFile}') || Object.values(environment).includes('{key}')).toBe(true);
  });

  it('is ready when it has generated a token', () => {
    const { probe, healthPath } = engine.readiness('llama3-8b');
    expect(healthPath).toBe('/health');
    expect(JSON.parse(probe.body)).toMatchObject({ model: 'llama3-8b', max_tokens: 1 });
  });
});

describe('command lines', () => {
  it('of llama.cpp give each slot its context', () => {
    const line = engines
      .find(({ name }) => name === 'llamacpp')
      ?.command(settings)
      .argv.join(' ');
    expect(line).toContain('--ctx-size 12288 --parallel 3');
    expect(line).toContain('--split-mode none');
  });

  it('of vLLM name the ranks and the memory that was planned', () => {
    const line = engines
      .find(({ name }) => name === 'vllm')
      ?.command(settings)
      .argv.join(' ');
    expect(line).toContain('--tensor-parallel-size 2 --pipeline-parallel-size 1 --max-model-len 4096');
    expect(line).toContain('--gpu-memory-utilization 0.9');
  });
});

describe('atLeast', () => {
  it.each<[string | null, string, boolean]>([
    ['0.17.0', '0.17', true],
    ['v0.17', '0.17.0', true],
    ['0.16.9', '0.17', false],
    ['0.9', '0.10', false],
    ['1.0', '0.99', true],
    ['0.17.0rc1', '0.17', true],
    [null, '0.1', false],
    ['unknown', '0.1', false],
  ])('%s ≥ %s is %s', (have, want, expected) => expect(atLeast(have, want)).toBe(expected));
});
