import type { Service } from '@milvault/jobs';
import type { Clock, Logger, Progress } from '@milvault/shared';
import type { Hub } from './hub.ts';

const EVERY_MS = 1_000;
const MOST_RUNS = 50;

/**
 * Progress of the runs that are under way, told while anybody watches: it changes too often to be kept in the event log.
 * Ends with `signal`.
 */
export async function tellProgress(
  hub: Hub,
  service: Pick<Service, 'runs'>,
  clock: Clock,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const told = new Map<string, string>();
  while (!signal.aborted) {
    await clock.sleep(EVERY_MS, signal).catch(() => undefined);
    if (signal.aborted || hub.followers === 0) continue;
    try {
      const { runs } = await service.runs({ state: 'running', limit: MOST_RUNS, offset: 0 });
      for (const run of runs) tellNew(hub, told, run.id, run.progress);
      const running = new Set(runs.map(({ id }) => id));
      for (const id of told.keys()) if (!running.has(id)) told.delete(id);
    } catch (error) {
      logger.debug({ err: error }, 'the progress of runs could not be read');
    }
  }
}

function tellNew(hub: Hub, told: Map<string, string>, run: string, progress: Progress): void {
  const text = JSON.stringify(progress);
  if (told.get(run) === text) return;
  told.set(run, text);
  hub.tell({ id: null, type: 'run.progress', data: { run, progress } });
}
