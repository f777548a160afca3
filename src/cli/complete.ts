import type { Argument, Command, Option } from 'commander';

/** What a name on the command line can stand for; the values come from outside. */
export type Kind = 'deployment' | 'model' | 'cluster';

/** What may come next on a command line. */
export interface Completion {
  readonly words: readonly string[];
  readonly kind: Kind | undefined;
}

const kinds: Readonly<Record<string, Kind>> = { name: 'deployment', model: 'model', cluster: 'cluster' };

/** What may stand at the place of the last of `words`, which follow the program's name. */
export function complete(program: Command, words: readonly string[]): Completion {
  const current = words.at(-1) ?? '';
  let command = program;
  let operands = 0;
  let awaiting: Option | undefined;
  for (const word of words.slice(0, -1)) {
    const option = awaiting === undefined && word.startsWith('-') ? findOption(command, word) : undefined;
    const sub = command.commands.find((one) => one.name() === word);
    if (awaiting !== undefined) awaiting = undefined;
    else if (option !== undefined) awaiting = option.required && !word.includes('=') ? option : undefined;
    else if (sub !== undefined && operands === 0) command = sub;
    else operands += 1;
  }
  if (awaiting !== undefined) return ofValue(awaiting.attributeName(), awaiting.argChoices);
  if (current.startsWith('-')) return { words: optionNames(command), kind: undefined };
  if (command.commands.length > 0) return { words: visibleCommands(command), kind: undefined };
  const argument: Argument | undefined = command.registeredArguments[operands];
  return argument === undefined
    ? { words: [], kind: undefined }
    : ofValue(argument.name(), argument.argChoices, command);
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
