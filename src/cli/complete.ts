import type { Argument, Command, Option } from 'commander';

/** What a name on the command line can stand for; the values come from outside. */
export type Kind = 'deployment' | 'model' | 'cluster';

/** What may come next on a command line. */
export interface Completion {
  readonly words: readonly string[];
  readonly kind: Kind | undefined;
}

const kinds: Readonly<Record<string, Kind>> = { name: 'deployment', model: 'model', cluster: 'cluster' };

/** Where the words before the last one lead to. */
interface Place {
  readonly command: Command;
  /** Operands of the command that are there already. */
  readonly operands: number;
  /** The option whose value comes next. */
  readonly awaiting: Option | undefined;
}

/** What may stand at the place of the last of `words`, which follow the program's name. */
export function complete(program: Command, words: readonly string[]): Completion {
  const current = words.at(-1) ?? '';
  const start: Place = { command: program, operands: 0, awaiting: undefined };
  const { command, operands, awaiting } = words.slice(0, -1).reduce(step, start);
  if (awaiting !== undefined) return ofValue(awaiting.attributeName(), awaiting.argChoices);
  if (current.startsWith('-')) return { words: optionNames(command), kind: undefined };
  if (command.commands.length > 0) return { words: visibleCommands(command), kind: undefined };
  const argument: Argument | undefined = command.registeredArguments[operands];
  if (argument === undefined) return { words: [], kind: undefined };
  return ofValue(argument.name(), argument.argChoices, command);
}

function step(place: Place, word: string): Place {
  const { command, operands, awaiting } = place;
  if (awaiting !== undefined) return { command, operands, awaiting: undefined };
  if (word.startsWith('-')) {
    const option = findOption(command, word);
    return { ...place, awaiting: option?.required === true && !word.includes('=') ? option : undefined };
  }
  const sub = operands === 0 ? command.commands.find((one) => one.name() === word) : undefined;
  return sub === undefined
    ? { command, operands: operands + 1, awaiting }
    : { command: sub, operands: 0, awaiting };
}

/** `--name` names a deployment that is yet to be; only a positional `name` is one that is there. */
function ofValue(name: string, choices: readonly string[] | undefined, command?: Command): Completion {
  if (choices !== undefined) return { words: choices, kind: undefined };
  const isNewName = name === 'name' && command === undefined;
  return { words: [], kind: isNewName ? undefined : kinds[name] };
}

function findOption(command: Command, word: string): Option | undefined {
  const [flag] = word.split('=');
  return command.options.find((option) => option.short === flag || option.long === flag);
}

function optionNames(command: Command): readonly string[] {
  return [
    ...command.options.filter((option) => !option.hidden).map((option) => option.long ?? option.short ?? ''),
    '--help',
  ];
}

function visibleCommands(command: Command): readonly string[] {
  return command.commands.map((one) => one.name()).filter((name) => !name.startsWith('_'));
}
