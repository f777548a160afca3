import { ClusterProfile, type ClusterProfileInput } from '../../../src/core/cluster/profile.ts';

/** A profile with something in every part; `changes` replaces whole parts. */
export function profileValue(changes: Partial<ClusterProfileInput> = {}): ClusterProfile {
  return ClusterProfile.parse({
    name: 'tbx',
    connection: { host: 'login.tbx.example', user: 'alice' },
    root: '/home/alice/hpc-serve',
    slurm: {
      version: '24.11.5',
      clusterName: 'tbx',
      accounting: true,
      mpi: ['none', 'pmix'],
      defaultMpi: 'pmix',
      scrontab: true,
      minJobAgeSeconds: 60,
      enforcesPartitionLimits: false,
    },
    timeZone: 'Europe/Berlin',
    partitions: [
      {
        name: 'h100',
        maxTime: '2-00:00:00',
        nodes: [
          {
            names: 'node[1-2]',
            count: 2,
            cpus: 96,
            memoryMiB: 1_000_000,
            gpus: [{ gres: 'h100', model: 'h100-80', count: 8 }],
            features: ['nvlink', 'ib'],
          },
        ],
      },
      {
        name: 'cpu',
        default: true,
        priority: 10,
        nodes: [{ names: 'c1', count: 1, cpus: 4, memoryMiB: 8000 }],
      },
    ],
    accounts: [{ name: 'research', default: true, qos: ['normal'], maxGpusPerJob: 16 }],
    qos: [{ name: 'normal', maxGpusPerUser: 8 }],
    runtimes: [{ kind: 'apptainer', version: '1.4.5', path: '/usr/bin/apptainer' }],
    modules: ['cuda/12.4'],
    fileSystems: [{ path: '/home', type: 'nfs4', shared: true, writable: true, freeGiB: 120.5 }],
    interfaces: [{ name: 'eth0', kind: 'ethernet', addresses: ['10.0.0.1'] }],
    images: [{ engine: 'llamacpp', path: '/opt/images/llama.sif' }],
    models: [{ model: 'llama3-8b', path: '/opt/models/llama3-8b.gguf', format: 'gguf' }],
    defaults: { account: 'research' },
    ...changes,
  });
}
