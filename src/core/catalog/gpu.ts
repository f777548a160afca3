import entries from './gpus.json' with { type: 'json' };

/** Id of a GPU in the catalog, such as `h100-80`, or of a MIG slice of one: `a100-40-mig-3g.20gb`. */
export type GpuId = string;

/** A GPU as the planner sees it. The table is `gpus.json`, one line a GPU. */
export interface Gpu {
  readonly id: GpuId;
  readonly name: string;
  /** What a program sees (cudaMemGetInfo's total), GiB: less than the name says. */
  readonly memoryGiB: number;
  /** Memory bandwidth, 10^9 bytes per second. */
  readonly bandwidthGBs: number;
  /** Dense 16-bit tensor throughput, 10^12 operations per second. */
  readonly tflops16: number;
  /** NVLink in one direction, 10^9 bytes per second; 0 where GPUs talk over PCIe. */
  readonly nvlinkGBs: number;
  /** GPUs that reach each other by NVLink. */
  readonly nvlinkDomain: number;
  /** CUDA compute capability, such as 9 for Hopper; null for AMD. */
  readonly computeCapability: number | null;
  /** Has bfloat16. */
  readonly bf16: boolean;
  /** Fields that stand in no source we could check; plans say so. */
  readonly estimated: readonly string[];
}

const gpus: readonly Gpu[] = entries;

const migId = /^(?<parent>.+)-mig-(?<compute>\d)g\.(?<memory>\d+)gb$/;
/** NVIDIA cuts a GPU's multiprocessors into sevenths (MIG User Guide, "Partitioning"). */
const computeSlices = 7;
/** A `3g.20gb` slice shows some 2 % to 5 % less than its name says; the lower bound is planned with. */
const migUsable = 0.95;

/** The GPU, or the MIG slice, of that id. */
export function findGpu(id: GpuId): Gpu | undefined {
  const slice = migId.exec(id)?.groups;
  if (slice === undefined) return gpus.find((gpu) => gpu.id === id);
  const parent = gpus.find((gpu) => gpu.id === slice['parent']);
  if (parent === undefined) return undefined;
  const memoryGiB = Number(slice['memory']) * migUsable;
  return {
    ...parent,
    id,
    name: `${parent.name} MIG ${slice['compute'] ?? ''}g.${slice['memory'] ?? ''}gb`,
    memoryGiB,
    bandwidthGBs: parent.bandwidthGBs * Math.min(1, memoryGiB / parent.memoryGiB),
    tflops16: (parent.tflops16 * Number(slice['compute'])) / computeSlices,
    nvlinkGBs: 0,
    nvlinkDomain: 1,
    estimated: ['memoryGiB', 'bandwidthGBs'],
  };
}

/** Whether the id names a MIG slice: a process sees one slice only, so a model can't be split over several. */
export function isMigSlice(id: GpuId): boolean {
  return migId.test(id);
}

/** All whole GPUs. */
export function listGpus(): readonly Gpu[] {
  return gpus;
}
