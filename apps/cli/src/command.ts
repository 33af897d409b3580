import { fail } from '@milvault/shared';
import { Command } from 'commander';
import { EXIT_HELP, type Answer } from './answer.ts';
import { absolutePlace } from './choose.ts';
import type { Backend } from './backend.ts';
import type { Cli, OpenOptions } from './cli.ts';
import { globalOptions, type GlobalName, type Globals } from './options.ts';

/** Makes one command of the tree for one command line. */
export type CommandFactory = (cli: Cli, print: Print) => Command;
/** Says what a command found; called once at its end. */
export type Print = (answer: Answer, json: boolean) => void;

interface Outline {
  readonly name: string;
  /** The first sentence stands in lists of commands. */
  readonly about: string;
  /** The common options that mean something here; any other is refused. */
  readonly globals: readonly GlobalName[];
  readonly examples: readonly string[];
}

/** A command with its common options, examples and exit codes. */
export function command({ name, about, globals, examples }: Outline): Command {
  const made = new Command(name).description(about).summary(firstSentence(about));
  for (const global of globals) made.addOption(globalOptions[global]());
  const shown = examples.map((example) => `  ${example}\n`).join('');
  return made.addHelpText('after', `\nExamples:\n${shown}\n${EXIT_HELP}`);
}

const firstSentence = (text: string): string => (text.split('. ')[0] ?? '').replace(/\.$/, '');

/** Commands under one word: `backup create`, `backup list`, … */
export function group(name: string, about: string, commands: readonly Command[]): Command {
  const made = new Command(name).description(about);
  for (const one of commands) made.addCommand(one);
  return made;
}

/** What a command works with once its line was parsed. */
export interface Call<Options> {
  readonly cli: Cli;
  readonly options: Options;
  readonly args: readonly string[];
}

/** An action that needs no backend. */
export const action = <Options extends Globals>(
  cli: Cli,
  print: Print,
  work: (call: Call<Options>) => Promise<Answer>,
) =>
  async function (this: Command): Promise<void> {
    refuseUseless(this);
    const typed = this.optsWithGlobals<Options>();
    const options = typed.repo === undefined ? typed : { ...typed, repo: absolutePlace(cli.folder, typed.repo) };
    print(await work({ cli, options, args: this.args }), options.json === true);
  };

/** An action on a {@link Backend}, which is opened before and closed after, whatever happens. */
export const backendAction = <Options extends Globals>(
  cli: Cli,
  print: Print,
  work: (backend: Backend, call: Call<Options>) => Promise<Answer>,
  opening: (options: Options) => Omit<OpenOptions, keyof Globals> = () => ({}),
) =>
  action<Options>(cli, print, async (call) => {
    const backend = await cli.open({ ...call.options, ...opening(call.options) });
    try {
      return await work(backend, call);
    } finally {
      await backend.close();
    }
  });

/** A common option before the command's name is read by the root: it must mean something to the command all the same. */
function refuseUseless(command: Command): void {
  const root = rootOf(command);
  for (const option of root.options) {
    const known = command.options.some((own) => own.long === option.long);
    if (known || root.getOptionValueSource(option.attributeName()) !== 'cli') continue;
    throw fail('OPTION_UNSUPPORTED', {
      what: `\`${pathOf(command)}\` has no option ${option.long ?? option.flags}`,
      next: `See \`${pathOf(command)} --help\``,
    });
  }
}

const rootOf = (command: Command): Command => (command.parent === null ? command : rootOf(command.parent));

/** `milvault backup create`. */
export const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
