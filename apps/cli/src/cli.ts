import type { Diagnosis } from '@milvault/jobs';
import type { Clock, Config, Environment } from '@milvault/shared';
import type { Backend } from './backend.ts';
import type { Globals } from './options.ts';
import type { Terminal } from './terminal.ts';

/** What a command line stands on. `compose.ts` builds the real one. */
export interface Cli {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly env: Environment;
  /** Folder that relative paths start from. */
  readonly folder: string;
  /** Aborts with a `Stopped` reason on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** The API, or with `--local` this process. Closed by whoever opened it. */
  open(options: OpenOptions): Promise<Backend>;
  /** Looks at every part of a set-up, from this process. */
  examine(config: Config): Promise<readonly Diagnosis[]>;
}

export interface OpenOptions extends Globals {
  /** Names or addresses of sources that the command speaks of, so that an address gets its token. */
  readonly sources?: readonly string[];
  /** With `--local`: where the Milvus that the command speaks of keeps its files, as it was typed. */
  readonly milvusStorage?: string | undefined;
  /** With `--local`: makes a repository where the folder is missing or empty. Only taking a backup does. */
  readonly createRepository?: boolean;
}
