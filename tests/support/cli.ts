import type { Backend } from '../../apps/cli/src/backend.ts';
import type { Cli, OpenOptions } from '../../apps/cli/src/cli.ts';
import { createCli } from '../../apps/cli/src/compose.ts';
import { runCommandLine } from '../../apps/cli/src/run.ts';
import { plainStyle } from '../../apps/cli/src/terminal.ts';
import { systemClock, type Environment } from '@milvault/shared';

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Standard output as JSON. */
  json<T = Record<string, unknown>>(): T;
}

export interface CliOptions {
  readonly env?: Environment;
  readonly folder?: string;
  readonly signal?: AbortSignal;
  /** True: as on a terminal, with bars. */
  readonly live?: boolean;
  readonly confirm?: Cli['terminal']['confirm'];
  /** Default: the real ones. */
  readonly open?: (options: OpenOptions) => Promise<Backend>;
  readonly examine?: Cli['examine'];
}

/** Runs one command line in this process, with the words as a shell would split them. */
export async function milvault(argv: readonly string[], options: CliOptions = {}): Promise<Said> {
  const said = { out: '', err: '' };
  const base = {
    terminal: {
      out: (text: string) => void (said.out += text),
      err: (text: string) => void (said.err += text),
      columns: 100,
      live: options.live ?? false,
      confirm: options.confirm ?? null,
      style: plainStyle,
      errStyle: plainStyle,
    },
    clock: systemClock,
    env: options.env ?? {},
    folder: options.folder ?? '/nonexistent',
    signal: options.signal ?? new AbortController().signal,
  };
  const cli = createCli(base);
  const made = { open: options.open ?? cli.open, examine: options.examine ?? cli.examine };
  const code = await runCommandLine(argv, { ...cli, ...made });
  return { ...said, code, json: <T>() => JSON.parse(said.out) as T };
}
