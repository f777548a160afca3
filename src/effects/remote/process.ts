import type { Readable, Writable } from 'node:stream';
import type { Result } from '../../core/result.ts';

/** A command that runs on the remote, whichever adapter started it. */
export interface RemoteProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when both streams have been read to their end and the command is gone. */
  readonly ended: Promise<void>;
  /** Lets go of the command: its stdin closes and its output is no longer read. Idempotent. */
  close(): void;
}

/** Starts a command line in the user's login shell. The one thing that an adapter has to bring for scripts. */
export type StartProcess = (commandLine: string) => Promise<Result<RemoteProcess>>;

/** What the shared parts know of the connection that they run on. */
export interface Connection {
  /** How the user names the host, for messages. */
  readonly host: string;
  readonly start: StartProcess;
  readonly lost: Promise<string | undefined>;
}
