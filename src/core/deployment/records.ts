import * as z from 'zod';
import { AttemptId, DeploymentName, JobId } from '../names.ts';

/**
 * The facts that a job writes into its own directory, one JSON object on one line per file, written as temporary
 * and rename. Times are seconds since 1970 on the node's clock. They come from a shared file system: everything is checked.
 */

const seconds = z.number().min(0);
const hostName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.:-]{0,252}$/);
const restart = z.int().min(0);

/** `events/<time>-<stage>-….json`: something happened in the job. */
export const JobEvent = z.object({
  /**
   * started: the batch script runs. launching: the engine of a replica is executed. loading: it was seen alive and
   * is not yet ready. ready: it answered a real request. retry: a replica is started again, on another port.
   * draining: the end is near. failed: a replica's engine ended. ended: the job's supervisor ended.
   */
  stage: z.enum(['started', 'launching', 'loading', 'ready', 'retry', 'draining', 'failed', 'ended']),
  at: seconds,
  job: JobId,
  restart,
  node: hostName,
  replica: z.int().min(0).optional(),
  exitCode: z.int().optional(),
  /** A sentence, for people. */
  text: z.string().max(2000).optional(),
});
export type JobEvent = z.infer<typeof JobEvent>;

/** `endpoints/<replica>.json`: a replica that has answered a real request. */
export const EndpointRecord = z.object({
  deployment: DeploymentName,
  job: JobId,
  restart,
  replica: z.int().min(0),
  /** The node, as Slurm names it. */
  node: hostName,
  /** What to connect to from the login host. */
  host: hostName,
  port: z.int().min(1).max(65535),
  protocols: z.array(z.string()),
  model: z.string(),
  /** Random; tells this start of the replica from every other. */
  identity: z.string().regex(/^[a-z0-9]{8,64}$/),
  keyFile: z.string(),
  started: seconds,
  ready: seconds,
  /** The job's time limit; 0 when it has none. */
  expectedEnd: seconds,
});
export type EndpointRecord = z.infer<typeof EndpointRecord>;

/** `summary.json`: what `status` needs of the plan, so that it does not have to read whole plans. */
export const DeploymentSummary = z.object({
  deployment: DeploymentName,
  attempt: AttemptId,
  model: z.string(),
  servedName: z.string(),
  engine: z.string(),
  partition: z.string(),
  nodes: z.int().min(1),
  gpus: z.int().min(1),
  gpu: z.string(),
  replicas: z.int().min(1),
  timeLimitMinutes: z.int().min(0),
  createdAt: z.string(),
});
export type DeploymentSummary = z.infer<typeof DeploymentSummary>;
