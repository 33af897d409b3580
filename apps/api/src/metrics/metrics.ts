import { Registry } from 'prom-client';
import type { ApiParts } from '../parts.ts';
import { backupGauges } from './backups.ts';
import { queueGauges } from './queues.ts';
import { repositoryGauges } from './repositories.ts';
import { runHistogram } from './runs.ts';
import { clear, gauge, type Subject } from './subject.ts';

export interface Metrics {
  scrape(): Promise<{ type: string; text: string }>;
}

/**
 * Read at the moment of the scrape, so that what stands still is seen as standing still. A subject that cannot be read
 * shows no value (an old one would look healthy) and says so in `milvault_scrape_ok`.
 */
export function createMetrics(parts: ApiParts, ending: AbortSignal): Metrics {
  const registry = new Registry();
  const ok = gauge(registry, 'milvault_scrape_ok', 'Whether this subject could be read for this scrape', ['subject']);
  const subjects = [queueGauges, backupGauges, repositoryGauges].map((subject) => subject(registry, parts));
  runHistogram(registry, parts, ending);

  async function read({ name, gauges, read }: Subject): Promise<void> {
    try {
      const put = await read();
      clear(gauges);
      put();
      ok.set({ subject: name }, 1);
    } catch (err) {
      parts.logger.warn({ err, subject: name }, 'a subject of the metrics could not be read');
      clear(gauges);
      ok.set({ subject: name }, 0);
    }
  }

  return {
    scrape: async () => {
      await Promise.all(subjects.map(read));
      return { type: registry.contentType, text: await registry.metrics() };
    },
  };
}
