import { ClusterProfile, type ClusterProfileInput } from '../../src/core/cluster/profile.ts';

/** A small cluster that has everything a submit needs. */
export function aProfile(change: Partial<ClusterProfileInput> = {}): ClusterProfile {
  return ClusterProfile.parse({
    name: 'lab',
    connection: { host: 'login' },
    root: '/home/me/.hpc-serve',
    slurm: { version: '24.11.5', accounting: true },
    partitions: [
      {
        name: 'h100',
        maxTime: '2-00:00:00',
        nodes: [
          {
            names: 'node1',
            count: 1,
            cpus: 96,
            memoryMiB: 1_000_000,
            gpus: [{ gres: 'h100', model: 'h100-80', count: 8 }],
          },
        ],
      },
    ],
    accounts: [{ name: 'ml', default: true, qos: ['normal'] }],
    runtimes: [{ kind: 'apptainer', version: '1.4.5', path: '/usr/bin/apptainer' }],
    images: [{ engine: 'llamacpp', path: '/opt/images/llama-server.sif' }],
    models: [{ model: 'llama3-8b', path: '/opt/models/llama3-8b/model.gguf', format: 'gguf' }],
    ...change,
  } satisfies ClusterProfileInput);
}
