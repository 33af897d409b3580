import type { Command, Option } from 'commander';
import { pathOf } from '../../apps/cli/src/command.ts';
import { globalOptions } from '../../apps/cli/src/options.ts';

const COMMON = Object.values(globalOptions).map((make) => make());

/** The reference part of `docs/cli.md`: every command with its arguments, options, choices and defaults. */
export const commandReference = (program: Command): string => [common(), ...leavesOf(program).map(section)].join('\n');

export const leavesOf = (command: Command): Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);

const inCell = (text: string): string => text.replaceAll('|', '\\|');

const tableOf = (rows: readonly string[]): string =>
  rows.length === 0 ? '' : `\n| Option | Meaning |\n|---|---|\n${rows.join('')}`;

const common = (): string =>
  `### Common options\n\nBefore or after the name of a command; one that means nothing to a command is an error.\n${tableOf(COMMON.map(row))}`;

function section(command: Command): string {
  const args = command.registeredArguments.map((one) => ` <${one.name()}>`).join('');
  const isCommon = (option: Option): boolean => COMMON.some(({ long }) => long === option.long);
  const shared = command.options.filter(isCommon).map(({ long }) => `\`${long ?? ''}\``);
  return [
    `### \`${pathOf(command)}${args}\`\n\n${command.description()}\n\n`,
    `Common options: ${shared.join(', ')}.\n`,
    tableOf([
      ...command.registeredArguments.map((one) => `| \`<${one.name()}>\` | ${inCell(one.description)} |\n`),
      ...command.options.filter((option) => !isCommon(option)).map(row),
    ]),
  ].join('');
}

function row(option: Option): string {
  const told = [
    inCell(option.description),
    ...(option.mandatory ? ['required'] : []),
    ...(option.argChoices === undefined ? [] : [`one of ${option.argChoices.map((one) => `\`${one}\``).join(', ')}`]),
    ...(option.defaultValue === undefined || option.negate ? [] : [`default \`${String(option.defaultValue)}\``]),
  ];
  return `| \`${inCell(option.flags)}\` | ${told.join('; ')} |\n`;
}
