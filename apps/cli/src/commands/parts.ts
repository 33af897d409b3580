import type { Run } from '@milvault/shared';
import { Option } from 'commander';
import { answer, type Answer } from '../answer.ts';
import type { Globals } from '../options.ts';

/** What is said of a run that nobody waits for. The id alone stands on standard output, so that a script can take it. */
export const queued = (run: Run): Answer => answer({ run: run.id, state: run.state }, `${run.id}\n`);

/** `--repo` as a field of a request. */
export const repositoryOf = ({ repo }: Globals): { repository?: string } =>
  repo === undefined ? {} : { repository: repo };

/** Checks and restores are waited for unless told otherwise: their exit code is their result. */
export const waitOptions = (): [Option, Option] => [
  new Option('--wait', 'wait for the result').default(true),
  new Option('--no-wait', 'queue it and print the id of its run'),
];

export interface WaitOptions extends Globals {
  readonly wait: boolean;
}

/** In this process there is nobody else to do the work, so `--local` always waits. */
export const waits = (options: WaitOptions): boolean => options.wait || options.local === true;
