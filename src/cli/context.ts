import type {
  Clock,
  Ids,
  LocalFiles,
  LocalPorts,
  Log,
  ProfileFiles,
  Prompt,
  Remotes,
  Templates,
} from '../core/ports.ts';

/** Where text goes: stdout is the result, stderr is progress. */
export interface Screen {
  readonly isTerminal: boolean;
  readonly colour: boolean;
  /** Width of the terminal in columns; 80 where there is none. */
  readonly columns: number;
  /** Height of the terminal in lines; unbounded where there is none. */
  readonly rows: number;
  /** A person is being asked something: nothing else may draw. */
  readonly held: boolean;
  write(text: string): void;
}

/** Everything that a command gets from outside. */
export interface Context {
  readonly stdout: Screen;
  readonly stderr: Screen;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly remotes: Remotes;
  readonly localPorts: LocalPorts;
  readonly profiles: ProfileFiles;
  readonly files: LocalFiles;
  readonly templates: Templates;
  /** Absent where nobody is there to ask. */
  readonly prompt: Prompt | undefined;
  /** Aborts when the user presses Ctrl-C. */
  readonly signal: AbortSignal;
  /** Root of the installed package, for the sandbox's scripts. */
  readonly packageDirectory: string;
  readonly version: string;
}
