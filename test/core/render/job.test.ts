import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeploymentSummary } from '../../../src/core/deployment/records.ts';
import { makePlan } from '../../../src/core/plan/make-plan.ts';
import type { Plan } from '../../../src/core/plan/plan.ts';
import type { Request } from '../../../src/core/plan/request.ts';
import type { Bundle } from '../../../src/core/render/bundle.ts';
import { renderJob } from '../../../src/core/render/job.ts';
import { expectGolden } from '../../support/golden.ts';
import { attempt, now, profile, request } from '../../support/planning.ts';
import { templates } from '../../support/templates.ts';

const secrets = { apiKey: 'golden-key-0123456789' };

function planFor(model: string, asked: Partial<Request> = {}): Plan {
  const result = makePlan({ request: request(model, asked), profile: profile(), now, attempt });
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}

function content(bundle: Bundle, path: string): string {
  const file = bundle.files.find((candidate) => candidate.path === path);
  if (file === undefined) throw new Error(path);
  return file.content;
}

const cases: readonly (readonly [string, string, Partial<Request>])[] = [
  ['llamacpp-8-replicas', 'llama3-8b', { gpus: 8 }],
  ['llamacpp-2-nodes', 'llama3-8b', { gpus: 8, partition: 'a100' }],
  ['llamacpp-layers', 'llama3.3-70b', { partition: 'a100', timeMinutes: 60 }],
  ['vllm-tensor', 'llama3.1-70b', { gpus: 4 }],
  [
    'hostile-paths',
    'llama3-8b',
    { weights: "/data/it's $(touch x) `y`/mo del.gguf", image: '/img/a"b;c&d.sif' },
  ],
];

describe('the bundle of', () => {
  it.each(cases)('%s is as reviewed', (name, model, asked) => {
    const bundle = renderJob(planFor(model, asked), templates, secrets);
    for (const { path, content: text, secret } of bundle.files) {
      // The other scripts are the same for all; one case has them.
      const varies =
        ['settings.sh', 'plan.json', 'summary.json'].includes(path) || name === 'llamacpp-8-replicas';
      if (path === 'key') expect(secret).toBe(true);
      else if (varies) expectGolden(`job/${name}/${path}`, text);
    }
    expectGolden(`job/${name}/sbatch.txt`, `${bundle.sbatch.join('\n')}\n`);
  });
});

describe('a bundle', () => {
  const bundle = renderJob(planFor('llama3-8b', { gpus: 8 }), templates, secrets);

  it('has the key in its own file and nowhere else', () => {
    const holders = bundle.files.filter((file) => file.content.includes(secrets.apiKey));
    expect(holders.map(({ path, mode, secret }) => ({ path, mode, secret }))).toEqual([
      { path: 'key', mode: 0o600, secret: true },
    ]);
    expect(bundle.sbatch.join(' ')).not.toContain(secrets.apiKey);
  });

  it('has a summary and the plan itself', () => {
    expect(DeploymentSummary.parse(JSON.parse(content(bundle, 'summary.json')))).toMatchObject({
      gpus: 8,
      replicas: 8,
    });
    expect(JSON.parse(content(bundle, 'plan.json'))).toEqual(planFor('llama3-8b', { gpus: 8 }));
  });

  it.each(['', 'short', 'with blank 0123456789', 'quote"0123456789abc', 'new\nline0123456789'])(
    'refuses the key %j',
    (apiKey) => expect(() => renderJob(planFor('llama3-8b'), templates, { apiKey })).toThrow(TypeError),
  );

  it('puts every option of sbatch on its command line, and none into the script', () => {
    for (const { content: text } of bundle.files) expect(text).not.toMatch(/^#SBATCH/m);
    expect(bundle.sbatch).toContain('--export=NIL');
    expect(bundle.sbatch).toContain('--signal=B:USR1@600');
    expect(bundle.sbatch.at(-1)).toBe(
      '/scratch/alice/hpc-serve/deployments/llama3-8b/jobs/abcdefghij/job.sh',
    );
  });

  it('mounts a hub snapshot with the blobs that its links lead to', () => {
    const weights = '/hub/models--meta-llama--Meta-Llama-3-8B-Instruct/snapshots/abc';
    const text = content(renderJob(planFor('llama3-8b', { weights }), templates, secrets), 'settings.sh');
    expect(text).toContain('weights_directory=/hub/models--meta-llama--Meta-Llama-3-8B-Instruct\n');
  });
});

describe('rendered scripts under real bash', () => {
  let directory = '';
  beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'rendered-'))));
  afterAll(() => rmSync(directory, { recursive: true }));

  it.each(cases)('%s parse, and shellcheck has nothing to say', (_name, model, asked) => {
    const scripts = renderJob(planFor(model, asked), templates, secrets).files.filter(({ path }) =>
      path.endsWith('.sh'),
    );
    for (const { path, content: text } of scripts) writeFileSync(join(directory, path), text);
    const paths = scripts.map(({ path }) => join(directory, path));
    for (const path of paths) expect(spawnSync('bash', ['-n', path]).status).toBe(0);
    const check = spawnSync('shellcheck', ['--external-sources', '--source-path=SCRIPTDIR', ...paths]);
    expect(check.error).toBeUndefined();
    expect(check.stdout.toString()).toBe('');
  });

  it('give bash the values of the plan and run nothing else', { timeout: 120_000 }, () => {
    const made = planFor('llama3-8b', { gpus: 2 });
    const part = fc.oneof(
      fc.constantFrom(
        "'",
        '"',
        '$(touch pwned)',
        '`touch pwned`',
        ';touch pwned;',
        '\\',
        '&',
        '|',
        '*',
        '#',
        ' ',
        '!',
        '$HOME',
        '\n',
        '=',
      ),
      fc.string({ unit: 'grapheme', maxLength: 6 }),
    );
    const hostile = fc
      .array(part, { minLength: 1, maxLength: 6 })
      .map((parts) => parts.join('').replaceAll('\0', ''));
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 3, maxLength: 6 }), hostile, (argv, servedName) => {
        const odd: Plan = {
          ...made,
          model: { ...made.model, servedName, weightsPath: `/w/${servedName}` },
          engine: { ...made.engine, argv, environment: { A: servedName }, image: `/i/${servedName}` },
        };
        writeFileSync(
          join(directory, 'settings.sh'),
          content(renderJob(odd, templates, secrets), 'settings.sh'),
        );
        const print = `. ./settings.sh; printf '%s\\0' "$model_name" "$weights" "$image" "\${engine_environment[@]}" "\${engine_arguments[@]}"; ls -A | tr '\\n' ' '`;
        const { stdout, stderr } = spawnSync('bash', ['-c', print], { cwd: directory });
        expect(stderr.toString()).toBe('');
        const printed = stdout.toString().split('\0');
        expect(printed.slice(0, -1)).toEqual([
          servedName,
          `/w/${servedName}`,
          `/i/${servedName}`,
          `A=${servedName}`,
          ...argv,
        ]);
        expect(printed.at(-1)).not.toContain('pwned');
      }),
      { numRuns: 150 },
    );
  });

  it.each(['x --wrap=id', 'a\n#SBATCH -A x', '-p', '$(id)', '', 'a b', 'a;b', "a'b"])(
    'refuse the partition %j rather than hand it to sbatch',
    (partition) => {
      const made = planFor('llama3-8b');
      const odd = { ...made, placement: { ...made.placement, partition } };
      expect(() => renderJob(odd, templates, secrets)).toThrow(TypeError);
    },
  );

  it('build JSON that says what was put in', () => {
    const records = content(renderJob(planFor('llama3-8b'), templates, secrets), 'records.sh');
    writeFileSync(join(directory, 'records.sh'), records);
    const texts = ['plain', 'quo"te', 'back\\slash', '\\"', 'tab\tand\nline', '\u0001', 'ü', ''];
    const print = `. ./records.sh; for text in "$@"; do json_string "$text"; printf '%s\\n' "$REPLY"; done`;
    const { stdout } = spawnSync('bash', ['-c', print, 'bash', ...texts], {
      cwd: directory,
      env: { ...process.env, LC_ALL: 'C' },
    });
    const read = stdout
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as string);
    expect(read).toEqual(
      texts.map((text) => text.replaceAll('\t', ' ').replaceAll('\n', ' ').replaceAll('\u0001', ' ')),
    );
  });
});
