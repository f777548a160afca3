/** One problem in a file that people edit. Lines and columns count from 1. */
export interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Dotted path of the value, such as `partitions[2].gpus`. */
  readonly path: string;
  readonly message: string;
  /** The nearest valid name, where a name was wrong. */
  readonly suggestion?: string;
}

/** A line of a log or of a program's output that shows what happened. */
export interface Evidence {
  readonly source: string;
  readonly text: string;
}

/** A configuration that would work where the one asked for does not. */
export interface Alternative {
  readonly summary: string;
  readonly command: string;
}

/** Every failure that a user, a cluster or a network can cause. A bug is thrown instead. */
export type Failure =
  /** The command line is wrong. */
  | { readonly kind: 'usage'; readonly message: string; readonly hint?: string }
  /** A cluster profile does not satisfy its schema; all problems of the file at once. */
  | { readonly kind: 'profile-invalid'; readonly file: string; readonly problems: readonly Diagnostic[] }
  /** No profile of that name, or no profile at all. */
  | { readonly kind: 'profile-missing'; readonly name: string | undefined; readonly known: readonly string[] }
  /** Several profiles and none chosen. */
  | { readonly kind: 'profile-ambiguous'; readonly known: readonly string[] }
  /** The model is not in the catalog. */
  | { readonly kind: 'model-unknown'; readonly name: string; readonly suggestions: readonly string[] }
  /** A model's config.json has values that can't be used; all of them at once. */
  | {
      readonly kind: 'model-config';
      readonly source: string;
      readonly problems: readonly { readonly field: string; readonly message: string }[];
    }
  /** The engine is not known. */
  | { readonly kind: 'engine-unknown'; readonly name: string; readonly known: readonly string[] }
  /** No placement on this cluster satisfies the request. */
  | {
      readonly kind: 'plan-impossible';
      readonly because: string;
      /** Why each partition is no place for it. */
      readonly reasons: readonly string[];
      readonly alternatives: readonly Alternative[];
    }
  /** A saved plan would not come out the same today. */
  | { readonly kind: 'plan-stale'; readonly file: string; readonly differences: readonly string[] }
  /** The cluster has no image or program of the engine that was chosen. */
  | { readonly kind: 'image-missing'; readonly engine: string; readonly searched: readonly string[] }
  /** The cluster has no weights of the model. */
  | { readonly kind: 'weights-missing'; readonly model: string; readonly searched: readonly string[] }
  /** A deployment of that name is already being served. */
  | { readonly kind: 'deployment-exists'; readonly deployment: string; readonly state: string }
  /** No deployment of that name on the cluster; `known` where the others were looked at. */
  | { readonly kind: 'deployment-unknown'; readonly deployment: string; readonly known?: readonly string[] }
  /** The deployment has no endpoint that could be reached now. */
  | { readonly kind: 'endpoint-missing'; readonly deployment: string; readonly state: string }
  /** Slurm refused what was asked for, and will again. */
  | {
      readonly kind: 'slurm-refused';
      readonly program: string;
      readonly exitCode: number;
      readonly stderr: string;
      readonly meaning?: string;
      readonly cure?: string;
    }
  /** Slurm's controller or database did not answer. */
  | { readonly kind: 'slurm-unavailable'; readonly program: string; readonly stderr: string }
  /** It is not known whether the job was accepted; looking again by name will tell. */
  | {
      readonly kind: 'submit-uncertain';
      readonly deployment: string;
      readonly jobName: string;
      readonly because: string;
    }
  /** The job ended before its endpoint was ready. */
  | {
      readonly kind: 'job-ended';
      readonly deployment: string;
      readonly job: string;
      readonly because: string;
      readonly evidence: readonly Evidence[];
    }
  /** The root of the profile can't hold the files: somebody else's, not writable, or full. */
  | {
      readonly kind: 'root-unusable';
      readonly root: string;
      readonly profile: string;
      readonly stderr: string;
    }
  /** The login host could not be reached. */
  | { readonly kind: 'unreachable'; readonly host: string; readonly because: string; readonly hint?: string }
  /** The host key is not in any known_hosts file and nobody is there to ask. */
  | {
      readonly kind: 'host-key-unknown';
      readonly host: string;
      readonly fingerprint: string;
      readonly file: string;
    }
  /** The host key differs from the recorded one, or was revoked. Never overridden. */
  | {
      readonly kind: 'host-key-refused';
      readonly host: string;
      readonly fingerprint: string;
      readonly reason: 'changed' | 'revoked' | 'unreadable';
      readonly where: string;
    }
  /** The host presents a certificate; only OpenSSH can verify it. */
  | { readonly kind: 'host-certificate'; readonly host: string; readonly where: string }
  /** Every way to prove who the user is was refused. */
  | {
      readonly kind: 'authentication';
      readonly host: string;
      readonly user: string;
      readonly tried: readonly string[];
    }
  /** The connection ended while it was in use. */
  | { readonly kind: 'connection-lost'; readonly host: string; readonly because: string }
  /** A program on the remote ended with a status that it should not have. */
  | {
      readonly kind: 'remote-command';
      readonly what: string;
      readonly exitCode: number;
      readonly stderr: string;
    }
  /** What came back from the remote is cut, or is not what the program prints. */
  | {
      readonly kind: 'remote-output';
      readonly what: string;
      readonly because: string;
      readonly evidence: string;
    }
  /** A forwarded connection was refused on the far side. */
  | { readonly kind: 'forward-refused'; readonly target: string; readonly because: string }
  /** A local port can't be listened on. */
  | { readonly kind: 'port-in-use'; readonly port: number }
  /** A local file can't be read or written. */
  | { readonly kind: 'local-file'; readonly path: string; readonly because: string }
  /** The sandbox can't run on this machine; any Slurm login host serves instead. */
  | { readonly kind: 'sandbox-unsupported'; readonly because: string }
  /** A step of the sandbox failed. */
  | { readonly kind: 'sandbox-failed'; readonly step: string; readonly evidence: string }
  /** The user pressed Ctrl-C; what goes on all the same stands in `still`. */
  | { readonly kind: 'interrupted'; readonly still?: string };

export type FailureKind = Failure['kind'];

/** The exit codes of the program: 1 is kept for bugs. */
const exitCodes = {
  usage: 2,
  'profile-invalid': 2,
  'profile-missing': 2,
  'profile-ambiguous': 2,
  'model-unknown': 2,
  'model-config': 2,
  'engine-unknown': 2,
  'plan-impossible': 3,
  'plan-stale': 3,
  'image-missing': 3,
  'weights-missing': 3,
  'deployment-exists': 2,
  'deployment-unknown': 2,
  'endpoint-missing': 3,
  'slurm-refused': 3,
  'slurm-unavailable': 4,
  'submit-uncertain': 4,
  'job-ended': 5,
  'root-unusable': 2,
  unreachable: 4,
  'host-key-unknown': 4,
  'host-key-refused': 4,
  'host-certificate': 4,
  authentication: 4,
  'connection-lost': 4,
  'remote-command': 4,
  'remote-output': 4,
  'forward-refused': 4,
  'port-in-use': 2,
  'local-file': 2,
  'sandbox-unsupported': 2,
  'sandbox-failed': 4,
  interrupted: 130,
} as const satisfies Record<FailureKind, number>;

/** The exit code for a failure. */
export function exitCodeOf(failure: Failure): number {
  return exitCodes[failure.kind];
}
