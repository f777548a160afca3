import { describe, expect, it } from 'vitest';
import { wordsOf } from '../../src/cli/words.ts';
import { exitCodeOf, type Failure, type FailureKind } from '../../src/core/failure.ts';

const problem = {
  file: 'lab.yaml',
  line: 4,
  column: 3,
  path: 'connection.usr',
  message: 'is not a key of it',
  suggestion: 'user',
};

/** One of each kind; the type makes a missing one an error. */
const failures: { readonly [K in FailureKind]: Extract<Failure, { kind: K }> } = {
  usage: { kind: 'usage', message: '--time: write 2h.', hint: 'Or 90m.' },
  'profile-invalid': { kind: 'profile-invalid', file: 'lab.yaml', problems: [problem] },
  'profile-missing': { kind: 'profile-missing', name: 'lob', known: ['lab'] },
  'profile-ambiguous': { kind: 'profile-ambiguous', known: ['lab', 'home'] },
  'model-unknown': { kind: 'model-unknown', name: 'lama3', suggestions: ['llama3-8b'] },
  'model-config': {
    kind: 'model-config',
    source: 'config.json',
    problems: [{ field: 'hidden_size', message: 'must be from 1 to 1048576, not -1' }],
  },
  'engine-unknown': { kind: 'engine-unknown', name: 'vlm', known: ['vllm'] },
  'plan-stale': { kind: 'plan-stale', file: 'plan.json', differences: ['placement.nodes: 1 → 2'] },
  'plan-impossible': {
    kind: 'plan-impossible',
    because: 'No place.',
    reasons: ['h100, a100: 9 GPUs are more than 1 node of 8 × H100'],
    alternatives: [{ summary: 'fewer', command: 'submit x --gpus 4' }],
  },
  'image-missing': { kind: 'image-missing', engine: 'vllm', searched: ['/opt/images'] },
  'weights-missing': { kind: 'weights-missing', model: 'qwen3-32b', searched: [] },
  'deployment-exists': { kind: 'deployment-exists', deployment: 'chat', state: 'ready' },
  'deployment-unknown': { kind: 'deployment-unknown', deployment: 'chat', known: ['chit'] },
  'endpoint-missing': { kind: 'endpoint-missing', deployment: 'chat', state: 'queued' },
  'slurm-refused': {
    kind: 'slurm-refused',
    program: 'sbatch',
    exitCode: 1,
    stderr: 'sbatch: error: no',
    meaning: 'No.',
    cure: 'Ask.',
  },
  'root-unusable': {
    kind: 'root-unusable',
    root: '/home/me/hpc-serve',
    profile: 'lab',
    stderr: 'tar: No space left on device\n',
  },
  'slurm-unavailable': { kind: 'slurm-unavailable', program: 'squeue', stderr: 'squeue: error: down' },
  'submit-uncertain': {
    kind: 'submit-uncertain',
    deployment: 'chat',
    jobName: 'hs.chat.aaaaaaaaaa',
    because: 'cut',
  },
  'job-ended': {
    kind: 'job-ended',
    deployment: 'chat',
    job: '7',
    because: 'it failed',
    evidence: [{ source: 'replica-0.log', text: 'out of memory' }],
  },
  unreachable: { kind: 'unreachable', host: 'login', because: 'refused', hint: 'Is it up?' },
  'host-key-unknown': {
    kind: 'host-key-unknown',
    host: 'login',
    fingerprint: 'SHA256:abc',
    file: 'known_hosts',
  },
  'host-key-refused': {
    kind: 'host-key-refused',
    host: 'login',
    fingerprint: 'SHA256:abc',
    reason: 'changed',
    where: 'known_hosts:3',
  },
  'host-certificate': { kind: 'host-certificate', host: 'login', where: 'known_hosts:3' },
  authentication: { kind: 'authentication', host: 'login', user: 'me', tried: ['publickey id_ed25519'] },
  'connection-lost': { kind: 'connection-lost', host: 'login', because: 'reset' },
  'remote-command': { kind: 'remote-command', what: 'read the logs', exitCode: 2, stderr: 'tail: no' },
  'remote-output': { kind: 'remote-output', what: 'look', because: 'it is cut', evidence: 'half a li' },
  'forward-refused': { kind: 'forward-refused', target: 'node1:8000', because: 'refused' },
  'port-in-use': { kind: 'port-in-use', port: 8000 },
  'local-file': { kind: 'local-file', path: '/x', because: 'no space is left' },
  'sandbox-unsupported': {
    kind: 'sandbox-unsupported',
    because: 'It needs root; any Slurm login host serves instead.',
  },
  'sandbox-failed': { kind: 'sandbox-failed', step: 'Slurm', evidence: 'it died' },
  interrupted: { kind: 'interrupted', still: 'The job goes on.' },
};

describe('wordsOf', () => {
  it('has a golden text for every failure', () => {
    const text = Object.values(failures).map((failure) => {
      const { what, evidence, next } = wordsOf(failure);
      return [
        `${failure.kind} (${exitCodeOf(failure)})`,
        `  ${what}`,
        ...evidence.map((line) => `    | ${line}`),
        ...next.map((line) => `    → ${line}`),
      ].join('\n');
    });
    expect(text.join('\n\n')).toMatchSnapshot();
  });

  it.each(Object.values(failures))('says what happened in sentences: $kind', (failure) => {
    const { what, next } = wordsOf(failure);
    expect(what).toMatch(/^\S.*[.:]$/s);
    expect(what.length).toBeLessThan(200);
    for (const line of next) expect(line.length).toBeLessThan(160);
  });

  it('lets no escape sequence of a stranger reach the terminal', () => {
    const { what, evidence } = wordsOf({
      kind: 'slurm-refused',
      program: 'sbatch',
      exitCode: 1,
      stderr: '\u001b]52;c;ZXZpbA==\u0007red\u001b[31m',
    });
    expect(what + evidence.join('')).not.toContain('\u001b');
    expect(evidence.join('')).toContain('red');
  });
});
