import { Histogram, type Registry } from 'prom-client';
import type { ApiParts } from '../parts.ts';

const BUCKETS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400, 43_200];

/** Durations of the runs that ended while this process watched. */
export function runHistogram(registry: Registry, { follow, logger }: ApiParts, ending: AbortSignal): void {
  const durations = new Histogram({
    name: 'milvault_run_duration_seconds',
    help: 'From start to end of the runs that ended since this process started',
    labelNames: ['kind', 'state'],
    buckets: BUCKETS,
    registers: [registry],
  });
  const watch = async (): Promise<void> => {
    for await (const { type, data } of follow(null, ending)) {
      const { kind, state, startedAt, endedAt } = data;
      if (type !== 'run' || typeof startedAt !== 'number' || typeof endedAt !== 'number') continue;
      durations.observe({ kind: String(kind), state: String(state) }, (endedAt - startedAt) / 1000);
    }
  };
  watch().catch((error: unknown) => {
    if (!ending.aborted) logger.error({ err: error }, 'the durations of runs are no longer watched');
  });
}
