import type { WeightPrecision } from '../model-config/precision.ts';
import type { DeploymentName } from '../names.ts';
import type { Objective } from './traffic.ts';

/** What the user asked for, parsed once from the command line; undefined means "decide for me". */
export interface Request extends Tuning {
  readonly model: string;
  readonly deployment: DeploymentName | undefined;
  readonly gpus: number | undefined;
  readonly engine: string | undefined;
  /** Version of the engine to plan for; undefined: that of the image. */
  readonly engineVersion: string | undefined;
  /** Minutes. */
  readonly timeMinutes: number | undefined;
  readonly partition: string | undefined;
  readonly account: string | undefined;
  readonly qos: string | undefined;
  readonly reservation: string | undefined;
  /** Absolute path of a container image on the cluster. */
  readonly image: string | undefined;
  /** Absolute path of the weights on the cluster. */
  readonly weights: string | undefined;
}

/** How the model is cut and loaded, and what for. */
export interface Tuning {
  /** Tokens of context per request. */
  readonly maxModelLen: number | undefined;
  /** Precision of the weights; undefined: the checkpoint's. */
  readonly precision: WeightPrecision | undefined;
  readonly kvCache: 'auto' | 'fp8' | undefined;
  readonly tensor: number | undefined;
  readonly pipeline: number | undefined;
  readonly expert: number | undefined;
  /** Part of each GPU's memory that the engine may take, 0 to 1. */
  readonly gpuMemoryUtilization: number | undefined;
  /** Sequences per replica at once. */
  readonly maxNumSeqs: number | undefined;
  /** Tokens per forward pass. */
  readonly maxNumBatchedTokens: number | undefined;
  readonly optimize: Objective | undefined;
  /** Requests at once over all replicas. */
  readonly concurrency: number | undefined;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** Milliseconds between two tokens of a request. */
  readonly maxLatencyMs: number | undefined;
}

/** A tuning that leaves everything open. */
export const openTuning: Tuning = {
  maxModelLen: undefined,
  precision: undefined,
  kvCache: undefined,
  tensor: undefined,
  pipeline: undefined,
  expert: undefined,
  gpuMemoryUtilization: undefined,
  maxNumSeqs: undefined,
  maxNumBatchedTokens: undefined,
  optimize: undefined,
  concurrency: undefined,
  inputTokens: undefined,
  outputTokens: undefined,
  maxLatencyMs: undefined,
};
