import { Registry } from 'prom-client';
import type { ApiParts } from '../parts.ts';
import { backupGauges } from './backups.ts';
import { gauge } from './gauge.ts';
import { queueGauges } from './queues.ts';
import { repositoryGauges } from './repositories.ts';
import { runHistogram } from './runs.ts';

/** One subject of the metrics: reads it anew for each scrape. */
export interface Subject {
  readonly name: string;
  read(): Promise<void>;
}

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
  const subjects: Subject[] = [
    queueGauges(registry, parts),
    backupGauges(registry, parts),
    repositoryGauges(registry, parts),
  ];
  runHistogram(registry, parts, ending);
  return {
    scrape: async () => {
      await Promise.all(
        subjects.map(async (subject) => {
          try {
            await subject.read();
            ok.set({ subject: subject.name }, 1);
          } catch (error) {
            parts.logger.warn({ err: error, subject: subject.name }, 'a subject of the metrics could not be read');
            ok.set({ subject: subject.name }, 0);
          }
        }),
      );
      return { type: registry.contentType, text: await registry.metrics() };
    },
  };
}
