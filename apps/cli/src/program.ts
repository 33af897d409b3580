import { Command } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { EXIT_HELP } from './answer.ts';
import type { Cli } from './cli.ts';
import type { Print } from './command.ts';
import { commandTree } from './commands/registry.ts';
import { globalOptions } from './options.ts';

const ABOUT = 'Backups for the Milvus vector database that prove themselves.';

const AFTER = `
Examples:
  milvault inspect --local --source 127.0.0.1:19530
  milvault backup create --local --source 127.0.0.1:19530 --repo ./backups
  milvault backup list --local --repo ./backups
  milvault restore full_20261122_020000 --to 127.0.0.1:19530 --local --repo ./backups

Commands speak to the API at MILVAULT_API (default http://127.0.0.1:8787) with the token in MILVAULT_TOKEN. With --local
they need neither API nor Redis. Tokens are taken from the environment or from files, never from the command line, where
everybody on the machine could read them in the list of processes. NO_COLOR turns colours off.

${EXIT_HELP}`;

/** The whole tree of commands for one command line. Nothing in it writes or exits by itself: faults are thrown. */
export function createProgram(cli: Cli, print: Print): Command {
  const program = new Command('milvault')
    .description(ABOUT)
    .version(manifest.version, '--version', 'print the version')
    .addHelpText('after', AFTER);
  // Read anywhere in the line; each command lists those that mean something to it.
  for (const make of Object.values(globalOptions)) program.addOption(make().hideHelp());
  for (const command of commandTree(cli, print)) program.addCommand(command);
  withoutSideEffects(program, cli);
  return program;
}

function withoutSideEffects(command: Command, cli: Cli): void {
  command.exitOverride().helpOption('--help', 'print this help').helpCommand(false);
  command.configureOutput({
    writeOut: cli.terminal.out,
    // Faults reach the terminal once, by `run.ts`, in the form that was asked for.
    writeErr: () => undefined,
    getOutHelpWidth: () => Math.min(cli.terminal.columns, 100),

    getOutHasColors: () => false,
  });
  for (const inner of command.commands) withoutSideEffects(inner, cli);
}
