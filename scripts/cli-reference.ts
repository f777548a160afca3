import type { Argument, Command, Option } from 'commander';

/** docs/cli.md: every command with its arguments and options, from the definitions that parse them. */
export function cliReference(program: Command): string {
  const leaves = commandsOf(program);
  const contents = leaves.map(
    (command) => `- [${titleOf(command)}](#${anchorOf(command)}): ${command.summary()}`,
  );
  return `${[
    '# Commands',
    '<!-- Written by `npm run generate`; do not edit. -->',
    'Every command takes `--help`. `--debug`, before the command, writes a log for people who debug hpc-serve.',
    contents.join('\n'),
    ...leaves.map(section),
  ].join('\n\n')}\n`;
}

/** The commands that do something: of a group, its members. Hidden ones, and `help`, are left out. */
function commandsOf(command: Command): readonly Command[] {
  if (command.commands.length === 0) return [command];
  const shown = command.createHelp().visibleCommands(command);
  return shown.filter((one) => one.name() !== 'help').flatMap(commandsOf);
}

function titleOf(command: Command): string {
  const names: string[] = [];
  for (let at = command; at.parent !== null; at = at.parent) names.unshift(at.name());
  return names.join(' ');
}

function anchorOf(command: Command): string {
  return titleOf(command).replaceAll(' ', '-');
}

function section(command: Command): string {
  const parts = [`## ${titleOf(command)}`, command.description()];
  const usage = command.registeredArguments.map(argumentText).join(' ');
  parts.push(`    hpc-serve ${titleOf(command)}${usage === '' ? '' : ` ${usage}`} [options]`);
  const rows = [
    ...command.registeredArguments.map((argument) => [argumentText(argument), argument.description]),
    ...command.options.filter(({ hidden }) => !hidden).map((option) => [option.flags, optionText(option)]),
  ];
  if (rows.length > 0) parts.push(table(rows));
  return parts.filter((part) => part !== '').join('\n\n');
}

function argumentText(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function optionText(option: Option): string {
  const notes = [
    option.argChoices === undefined ? '' : `one of ${option.argChoices.join(', ')}`,
    option.defaultValue === undefined || option.defaultValue === false
      ? ''
      : `default: ${String(option.defaultValue)}`,
    option.envVar === undefined ? '' : `environment: ${option.envVar}`,
  ].filter((note) => note !== '');
  return [option.description, ...notes].join('; ');
}

function table(rows: readonly (readonly string[])[]): string {
  const lines = rows.map(
    ([what = '', text = '']) => `| \`${what.replaceAll('|', '\\|')}\` | ${text.replaceAll('|', '\\|')} |`,
  );
  return ['| | |', '|---|---|', ...lines].join('\n');
}
