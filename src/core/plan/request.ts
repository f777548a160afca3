import type { DeploymentName } from '../names.ts';

/** What the user asked for, parsed once from the command line; undefined means "decide for me". */
export interface Request {
  readonly model: string;
  readonly deployment: DeploymentName | undefined;
  readonly gpus: number | undefined;
  readonly engine: string | undefined;
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
  /** Tokens of context per request. */
  readonly maxModelLen: number | undefined;
}
