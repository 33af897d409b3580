import type { Service } from '@milvault/jobs';
import type { Clock, Logger, Run } from '@milvault/shared';
import type { LiveEvent } from './live-event.ts';

const EVERY_MS = 1_000;
const MOST_RUNS = 50;

/**
 * Progress of the runs that are under way: looked up once a second for all who watch, and only while somebody does. It
 * changes too often to be kept in the event log. A slow watcher misses what is in between and gets the newest.
 */
export type ProgressFeed = (signal: AbortSignal) => AsyncIterable<LiveEvent>;

export function createProgressFeed(service: Pick<Service, 'runs'>, clock: Clock, logger: Logger): ProgressFeed {
  const waiting = new Set<() => void>();
  let running: readonly Run[] = [];
  let looking = false;
  let watchers = 0;

  async function look(): Promise<void> {
    looking = true;
    while (watchers > 0) {
      try {
        running = (await service.runs({ state: 'running', limit: MOST_RUNS, offset: 0 })).runs;
      } catch (err) {
        logger.debug({ err }, 'the progress of runs could not be read');
      }
      for (const wake of waiting) wake();
      await clock.sleep(EVERY_MS);
    }
    looking = false;
  }

  return async function* changes(signal) {
    const told = new Map<string, string>();
    let wake: () => void = () => undefined;
    const woken = (): void => wake();
    waiting.add(woken);
    signal.addEventListener('abort', woken, { once: true });
    watchers += 1;
    if (!looking) void look();
    try {
      while (!signal.aborted) {
        yield* newOf(running, told);
        await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      watchers -= 1;
      waiting.delete(woken);
    }
  };
}

function* newOf(running: readonly Run[], told: Map<string, string>): Generator<LiveEvent> {
  for (const { id, progress } of running) {
    const text = JSON.stringify(progress);
    if (told.get(id) === text) continue;
    told.set(id, text);
    yield { id: null, type: 'run.progress', data: { run: id, progress } };
  }
  for (const id of told.keys()) if (!running.some((run) => run.id === id)) told.delete(id);
}
