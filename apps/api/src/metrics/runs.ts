import { Histogram, type Registry } from 'prom-client';
import { listen } from '../live/listen.ts';
import type { ApiParts } from '../parts.ts';

const BUCKETS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400, 43_200];
const ENDED = new Set(['succeeded', 'failed', 'cancelled']);

/** Durations of the runs that ended while this process watched. */
export function runHistogram(registry: Registry, parts: ApiParts, ending: AbortSignal): void {
  const { service, follow, clock, logger } = parts;
  const durations = new Histogram({
    name: 'milvault_run_duration_seconds',
    help: 'From start to end of the runs that ended since this process started',
    labelNames: ['kind', 'state'],
    buckets: BUCKETS,
    registers: [registry],
  });
  const observe = async (id: string): Promise<void> => {
    const { kind, state, startedAt, endedAt } = await service.run(id);
    if (startedAt !== null && endedAt !== null) durations.observe({ kind, state }, (endedAt - startedAt) / 1000);
  };
  void listen(follow, clock, logger, ending, (event) => {
    if (event.type !== 'run.changed' || !ENDED.has(event.data.state)) return;
    observe(event.data.run).catch((error: unknown) => {
      logger.warn({ err: error, run: event.data.run }, 'the duration of a run is missing in the metrics');
    });
  });
}
