import type { EndpointRecord } from '../deployment/records.ts';
import type { DeploymentName } from '../names.ts';

/** What is read from the cluster about one deployment. */
export interface DeploymentEndpoints {
  readonly deployment: DeploymentName;
  /** The model's name in requests. */
  readonly servedName: string;
  /** Its ready replicas; none while it is queued, starts or is over. */
  readonly endpoints: readonly EndpointRecord[];
  /** The path of the key's file on the cluster. */
  readonly keyFile: string;
  /** In a word, for a message: "queued", "ended". */
  readonly state: string;
}

/** One replica, as a person reads it. */
export interface ReplicaAddress {
  readonly replica: number;
  readonly node: string;
  readonly port: number;
}

/** What a tunnel has to tell: transitions only. */
export type TunnelEvent =
  | { readonly kind: 'connected'; readonly host: string }
  /** The deployment is served on a local port from now on, until the tunnel ends. */
  | {
      readonly kind: 'listening';
      readonly deployment: DeploymentName;
      readonly port: number;
      readonly baseUrl: string;
      readonly model: string;
      readonly replicas: readonly ReplicaAddress[];
      /** A secret: it goes to stdout, and nowhere else. */
      readonly key: string | undefined;
      readonly keyRead: boolean;
    }
  /** The deployment's endpoints are other ones now; its local port stays. */
  | {
      readonly kind: 'moved';
      readonly deployment: DeploymentName;
      readonly replicas: readonly ReplicaAddress[];
    }
  /** The deployment has no endpoint any more; connections wait for one. */
  | { readonly kind: 'waiting-for-endpoint'; readonly deployment: DeploymentName; readonly state: string }
  /** The deployment's key is another one now. A secret, like the first. */
  | { readonly kind: 'key-changed'; readonly deployment: DeploymentName; readonly key: string }
  /** The SSH connection is lost; it is being opened again. */
  | { readonly kind: 'reconnecting'; readonly host: string; readonly because: string }
  /** It is there again, after `downMs` milliseconds. */
  | { readonly kind: 'healed'; readonly host: string; readonly downMs: number }
  /** A local connection waited and was closed: no replica took it. */
  | { readonly kind: 'turned-away'; readonly deployment: DeploymentName; readonly because: string }
  /** A deployment can't be served: none of its local ports is free. */
  | { readonly kind: 'not-listening'; readonly deployment: DeploymentName; readonly port: number };

/** The replicas of the records, in order. */
export function addressesOf(endpoints: readonly EndpointRecord[]): readonly ReplicaAddress[] {
  return endpoints
    .map(({ replica, node, port }) => ({ replica, node, port }))
    .toSorted((a, b) => a.replica - b.replica);
}
