import type { AttemptId, DeploymentName } from '../names.ts';

/** What a plan says about a model on some hardware: all that can be told without touching a cluster. */
export interface PlanOutline {
  /** Null where no cluster was asked about. */
  readonly cluster: string | null;
  readonly model: Pick<PlannedModel, 'name' | 'huggingFaceId' | 'parameters' | 'kvBytesPerToken'>;
  readonly engine: Pick<PlannedEngine, 'name' | 'version'>;
  readonly precision: { readonly weights: string; readonly kvCache: string };
  readonly parallelism: Parallelism;
  readonly placement: Pick<Placement, 'nodes' | 'gpusPerNode' | 'gpu'> & {
    readonly partition: string | null;
  };
  /** Of the fullest GPU of a replica. */
  readonly memory: MemoryPicture;
  /** Per replica. */
  readonly capacity: {
    readonly kvCacheTokens: number;
    readonly maxModelLen: number;
    readonly concurrentRequests: number;
  };
  /** What the prediction is for: requests at once over all replicas, and their lengths. */
  readonly traffic: {
    readonly concurrency: number;
    readonly inputTokens: number;
    readonly outputTokens: number;
  };
  /** Output tokens of all replicas together, and the time between two tokens of one request, under that traffic. */
  readonly prediction: {
    readonly outputTokensPerSecond: Band;
    readonly perTokenLatencyMs: Band;
  };
  readonly cost: {
    /** GPUs × time limit. */
    readonly gpuHours: number;
    /** Per million output tokens, at the predicted rate. */
    readonly gpuHoursPerMillionTokens: number;
  };
  readonly decisions: readonly Decision[];
  readonly warnings: readonly string[];
}

/**
 * A plan: everything that is decided about one job, decided once, before anything is touched. A frozen value that
 * can be printed, saved, compared and applied; only JSON types, so that it survives a file unchanged.
 * Sizes are GiB (2^30 bytes), times are seconds or minutes as the names say, capacities are tokens.
 */
export interface Plan extends PlanOutline {
  /** Version of this shape. */
  readonly format: 1;
  readonly deployment: DeploymentName;
  readonly attempt: AttemptId;
  /** `hs.<deployment>.<attempt>`. */
  readonly jobName: string;
  readonly cluster: string;
  /** The cluster's Slurm: its version, and the directory of its commands where the job's PATH lacks them. */
  readonly slurm: { readonly version: string; readonly bin: string | null };
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly model: PlannedModel;
  readonly engine: PlannedEngine;
  readonly placement: Placement;
  readonly paths: JobPaths;
  readonly replicas: readonly Replica[];
}

export interface PlannedModel {
  /** Name in the catalog. */
  readonly name: string;
  readonly huggingFaceId: string;
  /** Name that clients put into requests. */
  readonly servedName: string;
  readonly parameters: number;
  /** Bytes of KV cache per token over the whole model, before sharding. */
  readonly kvBytesPerToken: number;
  /** Absolute path on the cluster. */
  readonly weightsPath: string;
  readonly format: 'gguf' | 'safetensors';
}

export interface PlannedEngine {
  readonly name: string;
  readonly version: string | null;
  readonly runtime: 'apptainer' | 'singularity' | 'pyxis' | 'none';
  /** Path of the runtime's program, or of nothing for `none`. */
  readonly runtimePath: string | null;
  /** Absolute path of the image on the cluster; null without a container. */
  readonly image: string | null;
  /**
   * The server's command inside the container, one argument an element. `{port}`, `{host}` and `{keyFile}` stand for
   * what is known only on the node, `{model}` for the path of the weights.
   */
  readonly argv: readonly string[];
  /** Here `{key}` stands for the API key, and `{scratch}` at the beginning for a directory on the node's own disk. */
  readonly environment: Readonly<Record<string, string>>;
  readonly readiness: Readiness;
}

/** How the job finds out that a replica answers: a health path, then one real generation request. */
export interface Readiness {
  readonly healthPath: string;
  readonly probe: { readonly path: string; readonly body: string };
}

export interface Parallelism {
  readonly tensor: number;
  readonly pipeline: number;
  readonly expert: number;
  readonly replicas: number;
}

export interface Placement {
  readonly partition: string;
  readonly account: string | null;
  readonly qos: string | null;
  readonly reservation: string | null;
  readonly nodes: number;
  readonly gpusPerNode: number;
  /** Id in the GPU catalog. */
  readonly gpu: string;
  /** Type in Slurm's gres; null where the cluster's gres has none. */
  readonly gres: string | null;
  readonly cpusPerNode: number;
  readonly memoryPerNodeMiB: number;
  readonly timeLimitMinutes: number;
  /** Nodes not to use. */
  readonly exclude: readonly string[];
}

export interface MemoryPicture {
  /** What is taken: the sum of the four. */
  readonly totalGiB: number;
  /** What the GPU offers. */
  readonly gpuGiB: number;
  readonly weightsGiB: number;
  readonly activationsGiB: number;
  readonly runtimeGiB: number;
  readonly kvCacheGiB: number;
}

/** A prediction with its honest band: 80 % of measured runs are expected within. */
export interface Band {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Every absolute path of a job on the cluster, derived once from the root and the names. */
export interface JobPaths {
  /** `<root>`. */
  readonly root: string;
  /** `<root>/deployments/<name>`. */
  readonly deployment: string;
  /** `<root>/deployments/<name>/jobs/<attempt>`. */
  readonly job: string;
  readonly logs: string;
  readonly events: string;
  readonly endpoints: string;
  /** Mode 0600; holds the API key alone, without a newline. */
  readonly keyFile: string;
}

export interface Replica {
  readonly index: number;
  /** Index of its (first) node in the allocation. */
  readonly node: number;
  /** Indices of its GPUs among the GPUs that the job has on that node. */
  readonly gpus: readonly number[];
}

/** One decision and its reason, for `plan` and for whoever asks later. */
export interface Decision {
  readonly what: string;
  readonly value: string;
  readonly because: string;
}
