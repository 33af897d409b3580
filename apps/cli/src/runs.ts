import { fail, fromErrorRecord, hasCode, type Run } from '@milvault/shared';
import type { Backend } from './backend.ts';
import type { Cli } from './cli.ts';
import { progressView } from './output/progress.ts';

/** After a cancel: so long may the parts of a run take to stop. */
const STOP_MS = 60_000;

/**
 * Waits for a run with a bar on the terminal. When the command is stopped, so is the run: it ends as cancelled and
 * leaves nothing behind. Rejects with the error of a run that did not succeed.
 */
export async function runToEnd(cli: Cli, backend: Backend, run: Run): Promise<Run> {
  const view = progressView(run.kind, cli.terminal, cli.clock);
  try {
    return succeeded(await backend.wait(run.id, cli.signal, view.show));
  } catch (thrown) {
    if (!cli.signal.aborted) throw thrown;
    view.close();
    return succeeded(await cancelled(cli, backend, run));
  } finally {
    view.close();
  }
}

async function cancelled(cli: Cli, backend: Backend, run: Run): Promise<Run> {
  cli.terminal.err(`Cancelling run ${run.id}; once more to leave at once\n`);
  try {
    await backend.cancel(run.id);
  } catch (thrown) {
    // It ended in the meantime: the wait below tells how.
    if (!hasCode(thrown, 'CONFLICT')) throw thrown;
  }
  const patience = new AbortController();
  const ended = new AbortController();
  const late = cli.clock.sleep(STOP_MS, ended.signal).then(
    () => patience.abort(fail('RUN_TIMED_OUT', { what: `Run ${run.id} was told to stop and still goes on` })),
    () => undefined,
  );
  try {
    return await backend.wait(run.id, patience.signal);
  } finally {
    ended.abort();
    await late;
  }
}

function succeeded(run: Run): Run {
  if (run.state === 'succeeded') return run;
  if (run.error !== null) {
    throw fromErrorRecord({ ...run.error, details: { ...run.error.details, run: run.id } });
  }
  const code = run.state === 'cancelled' ? 'RUN_CANCELLED' : 'CONFLICT';
  throw fail(code, { what: `Run ${run.id} ended as ${run.state}`, details: { run: run.id } });
}

/**
 * What came of a run that succeeded. The shape is the promise of the job of that kind (`packages/jobs`), which stored
 * it; the tests of each command hold it to that.
 */
export function resultOf<Result>(run: Run): Result {
  if (run.result === null) throw fail('INTERNAL', { what: `Run ${run.id} succeeded without a result` });
  return run.result as Result;
}
