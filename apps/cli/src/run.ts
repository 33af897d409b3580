import { isStopped, stopError, type ErrorCode } from '@milvault/shared';
import { CommanderError, type Command } from 'commander';
import { EXIT, type Answer } from './answer.ts';
import type { Cli } from './cli.ts';
import { faultOf, faultText } from './output/error.ts';
import { createProgram } from './program.ts';
import { usageFault } from './usage.ts';

/** Faults of what a person wrote: nothing was tried. */
const USAGE: readonly ErrorCode[] = [
  'REQUEST_INVALID',
  'OPTION_UNSUPPORTED',
  'NAME_INVALID',
  'TIME_INVALID',
  'CONFIG_INVALID',
  'CONFIG_UNREADABLE',
];

/**
 * Runs one command line and returns its exit code. Standard output gets the answer and nothing else; with `--json` that
 * is one JSON value, also for a fault: `{"error": {code, message, …}}`.
 */
export async function runCommandLine(argv: readonly string[], cli: Cli): Promise<number> {
  let code: number = EXIT.ok;
  const print = (answer: Answer, json: boolean): void => {
    cli.terminal.out(json ? `${JSON.stringify(answer.json, null, 2)}\n` : answer.text);
    if (!answer.ok) code = EXIT.failed;
  };
  const program = createProgram(cli, print);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.ok;
    const fault = faultOf(ownError(thrown, program, argv));
    // A line that could not be parsed has no options yet.
    if (argv.includes('--json')) cli.terminal.out(`${JSON.stringify({ error: fault }, null, 2)}\n`);
    else cli.terminal.err(faultText(fault, cli.terminal.errStyle));
    return USAGE.some((usage) => usage === fault.code) ? EXIT.usage : EXIT.failed;
  }
}

function ownError(thrown: unknown, program: Command, argv: readonly string[]): unknown {
  if (thrown instanceof CommanderError) return usageFault(thrown, program, argv);
  return isStopped(thrown) ? stopError(thrown) : thrown;
}
