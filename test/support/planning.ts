import { ClusterProfile, type ClusterProfileInput } from '../../src/core/cluster/profile.ts';
import { AttemptId, DeploymentName } from '../../src/core/names.ts';
import { openTuning, type Request } from '../../src/core/plan/request.ts';

type GroupInput = NonNullable<ClusterProfileInput['partitions'][number]['nodes']>[number];

/** A group of nodes with one kind of GPU. */
export function nodeGroup(names: string, count: number, gres: string, gpusPerNode: number): GroupInput {
  return { names, count, cpus: 96, memoryMiB: 1_000_000, gpus: [{ gres, count: gpusPerNode }] };
}

const h100 = nodeGroup('node1', 1, 'h100', 8);
const a100: GroupInput = { ...nodeGroup('node[2-3]', 2, 'a100', 4), features: ['a100-80gb'] };
const l40s = nodeGroup('node4', 1, 'l40s', 2);

/** A profile with the partitions of the sandbox; `changes` replaces whole keys. */
export function profile(changes: Partial<ClusterProfileInput> = {}): ClusterProfile {
  return ClusterProfile.parse({
    name: 'sandbox',
    connection: { host: 'login' },
    root: '/scratch/alice/hpc-serve',
    slurm: { version: '24.11.5', accounting: true },
    partitions: [
      { name: 'h100', maxTime: '2-00:00:00', nodes: [h100] },
      { name: 'a100', maxTime: '1-00:00:00', nodes: [a100] },
      { name: 'l40s', maxTime: '12:00:00', nodes: [l40s] },
      { name: 'debug', default: true, maxTime: '00:30:00', maxNodes: 1, nodes: [h100, a100, l40s] },
      { name: 'preempt', maxTime: '7-00:00:00', preemptible: true, nodes: [h100, a100, l40s] },
    ],
    runtimes: [{ kind: 'apptainer', version: '1.4.5', path: '/usr/bin/apptainer' }],
    images: [
      { engine: 'llamacpp', path: '/opt/images/llama-server.sif', version: '0.7.0' },
      { engine: 'vllm', path: '/opt/images/vllm.sif', version: '0.19.0' },
    ],
    models: [
      { model: 'llama3-8b', path: '/opt/models/Meta-Llama-3-8B-Instruct/model.gguf', format: 'gguf' },
      { model: 'llama3.1-70b', path: '/opt/models/Llama-3.1-70B-Instruct', format: 'safetensors' },
      { model: 'Llama-3.1-8B-Instruct', path: '/opt/models/Llama-3.1-8B-Instruct', format: 'safetensors' },
      { model: 'deepseek-r1', path: '/opt/models/DeepSeek-R1', format: 'safetensors' },
      { model: 'llama3.3-70b', path: '/opt/models/Llama-3.3-70B-Instruct.gguf', format: 'gguf' },
    ],
    ...changes,
  });
}

/** A request for `model` that leaves everything else open. */
export function request(model: string, changes: Partial<Request> = {}): Request {
  return {
    model,
    deployment: undefined,
    gpus: undefined,
    engine: undefined,
    timeMinutes: undefined,
    partition: undefined,
    account: undefined,
    qos: undefined,
    reservation: undefined,
    image: undefined,
    weights: undefined,
    engineVersion: undefined,
    ...openTuning,
    ...changes,
  };
}

export const attempt = AttemptId.parse('abcdefghij');
export const deployment = (name: string): DeploymentName => DeploymentName.parse(name);
/** 2026-01-02T03:04:05Z */
export const now = Date.UTC(2026, 0, 2, 3, 4, 5);
