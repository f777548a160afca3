import type { Result } from './result.ts';

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

/** The wall clock and a clock that never jumps. */
export interface Clock {
  now(): Instant;
  /** Milliseconds from an arbitrary start; for durations on this machine. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Unguessable names and keys. */
export interface Ids {
  /** `length` characters of lower-case base32 (a–z, 2–7): 5 bits each. */
  base32(length: number): string;
}

/** A diagnostic log for people who debug hpc-serve; secrets registered with it never reach the file. */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** From now on `secret` is replaced wherever it would be written. */
  hide(secret: string): void;
}

/** What a script on the remote printed, and how it ended. */
export interface ScriptOutput {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A POSIX sh script for the remote. Its text and its input travel on stdin, so `ps` shows neither. */
export interface Script {
  /** What the script does, for messages: "submit the job". */
  readonly what: string;
  readonly text: string;
  /** Bytes that the script reads from its stdin. */
  readonly input?: Uint8Array;
  /** Milliseconds until the script is given up; default 60 000. */
  readonly timeoutMs?: number;
}

/** A byte stream in both directions, as `net.Socket` and an SSH channel are. */
export interface ByteChannel {
  write(chunk: Uint8Array): boolean;
  end(): void;
  destroy(error?: Error): void;
  pause(): void;
  resume(): void;
  on(event: 'data', listener: (chunk: Uint8Array) => void): void;
  on(event: 'drain' | 'end' | 'close', listener: () => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
}

/**
 * The machine that Slurm's commands run on. Adapters: ssh2, OpenSSH, local.
 * Every method gives a typed failure when the connection is lost; none throws for what a network can do.
 */
export interface Remote {
  /** How the user names the host, for messages. */
  readonly host: string;
  /** Runs a script to its end. One round trip. Output that is cut is a `remote-output` failure, never a result. */
  run(script: Script): Promise<Result<ScriptOutput>>;
  /** Runs a script and yields its stdout as it comes, until it ends or `signal` aborts (which ends it remotely too). */
  follow(script: Script, signal: AbortSignal): AsyncGenerator<string, Result<undefined>>;
  /** Opens a byte stream from the remote to `host:port` as seen from there. */
  forward(host: string, port: number): Promise<Result<ByteChannel>>;
  /** Resolves once, when the connection has ended; the reason where it was not asked for. */
  readonly lost: Promise<string | undefined>;
  /** Ends the connection; idempotent. */
  close(): Promise<void>;
}

/** Opens connections to a remote. */
export interface Remotes {
  connect(target: RemoteTarget, signal?: AbortSignal): Promise<Result<Remote>>;
}

/** A connection accepted on a local port. Nothing is read from it before it is joined. */
export interface LocalConnection {
  /**
   * Carries bytes both ways until both sides are done, a side fails or `abort` is called; then resolves. `onProgress`
   * is called whenever the far side gave or took bytes: a sign of life.
   */
  join(far: ByteChannel, onProgress: () => void): Promise<void>;
  /** Resets the connection, so that its client sees a failure and not the end of a reply; idempotent. */
  abort(): void;
}

/** A port that is listened on. */
export interface LocalPort {
  readonly port: number;
  /** Stops listening and aborts the connections that are left. */
  close(): Promise<void>;
}

/** Listens on this machine's loopback addresses, and on no other. */
export interface LocalPorts {
  /** Listens on 127.0.0.1 and ::1 (where the machine has it) with one port; 0 lets the system choose. */
  listen(port: number, accept: (connection: LocalConnection) => void): Promise<Result<LocalPort>>;
}

/** How a cluster is reached. */
export interface RemoteTarget {
  readonly transport: 'ssh2' | 'openssh' | 'local';
  /** Host name or `Host` alias of the user's ssh configuration. Unused by `local`. */
  readonly host: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  readonly identityFile?: string | undefined;
  /** Another ssh configuration file than `~/.ssh/config`. */
  readonly configFile?: string | undefined;
}

/** Asks a person on a terminal. Absent where there is none. */
export interface Prompt {
  /** Shows `text` and reads a line; undefined when the person gave up. */
  line(text: string): Promise<string | undefined>;
  /** The same without echo. */
  secret(text: string): Promise<string | undefined>;
  confirm(text: string): Promise<boolean>;
  /** One of `options`; undefined when the person gave up. */
  choose(
    text: string,
    options: readonly { readonly value: string; readonly label: string }[],
  ): Promise<string | undefined>;
}

/** The user's cluster profiles: files of `clusters/` in the configuration directory. */
export interface ProfileFiles {
  /** Every profile's name and path. A missing directory is none. */
  list(): Promise<Result<readonly ProfileFile[]>>;
  read(file: ProfileFile): Promise<Result<ProfileText>>;
  /** Writes atomically, mode 0600, with the schema beside it for the user's editor, and gives the path. */
  write(name: string, text: string, schema: string): Promise<Result<ProfileFile>>;
  /** What was remembered of the file as it is now; undefined where nothing was, or the file has changed. */
  recall(file: ProfileFile): Promise<unknown>;
  /** Remembers `value` for the text that was read; a cache, so that it fails silently. */
  remember(file: ProfileFile, read: ProfileText, value: unknown): Promise<void>;
}

/** A profile's text, and the file's state when it was read. */
export interface ProfileText {
  readonly text: string;
  readonly stamp: string;
}

export interface ProfileFile {
  readonly name: string;
  readonly path: string;
}

/** Files of this machine that the user named on the command line. */
export interface LocalFiles {
  /** The text of a file of at most `mostBytes`; a larger one is a failure. */
  read(path: string, mostBytes: number): Promise<Result<string>>;
  /** Writes atomically, mode 0600. */
  write(path: string, text: string): Promise<Result<undefined>>;
}

/** The text files of `templates/`. */
export interface Templates {
  /** `name` is a path below templates/, such as `job/job.sh.hbs`. A missing one is a bug. */
  read(name: string): string;
}
