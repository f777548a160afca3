/** A cluster profile of ordinary size, for a login host on this machine. */
export function profileOf(cluster: { readonly name: string; readonly port: number }): string {
  const partition = (name: string, gres: string, gpus: number): string => `
  - name: ${name}
    maxTime: 2-00:00:00
    nodes:
      - { names: '${name}[01-16]', count: 16, cpus: 96, memoryMiB: 1024000, gpus: [{ gres: ${gres}, count: ${gpus} }] }`;
  return `name: ${cluster.name}
connection: { host: 127.0.0.1, port: ${cluster.port}, user: alice }
root: /scratch/alice/hpc-serve
slurm: { version: '24.11.5', clusterName: ${cluster.name}, accounting: true, mpi: [none, pmi2, pmix] }
timeZone: Europe/Berlin
partitions:${partition('h100', 'h100', 8)}${partition('a100', 'a100', 4)}${partition('l40s', 'l40s', 2)}
accounts:
  - { name: research, default: true, qos: [normal, high], defaultQos: normal }
qos:
  - { name: normal, maxTime: 1-00:00:00, maxGpusPerUser: 16 }
  - { name: high, priority: 100, maxGpusPerUser: 4 }
runtimes:
  - { kind: apptainer, version: '1.4.2' }
fileSystems:
  - { path: /scratch, type: lustre, shared: true, writable: true, freeGiB: 120000 }
  - { path: /home, type: nfs4, shared: true, writable: true, freeGiB: 900, quotaGiB: 50 }
images:
  - { engine: llamacpp, path: /images/llamacpp.sif }
models:
  - { model: llama3-8b, path: /models/llama3-8b/model.gguf, format: gguf }
`;
}
