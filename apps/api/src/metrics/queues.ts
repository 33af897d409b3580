import type { Registry } from 'prom-client';
import type { ApiParts } from '../parts.ts';
import { gauge, type Subject } from './subject.ts';

/** Queues, workers and open incidents: what lives in Redis. */
export function queueGauges(registry: Registry, { queues, workers, openIncidents }: ApiParts): Subject {
  const jobs = gauge(registry, 'milvault_queue_jobs', 'Jobs in a queue by their state', ['queue', 'state']);
  const alive = gauge(registry, 'milvault_workers', 'Worker processes that take jobs now');
  const takers = gauge(registry, 'milvault_queue_workers', 'Worker processes that take jobs of a queue', ['queue']);
  const incidents = gauge(registry, 'milvault_incidents_open', 'Problems that were told and are not over');
  return {
    name: 'queues',
    gauges: [jobs, alive, takers, incidents],
    read: async () => {
      const [counts, present, open] = await Promise.all([
        Promise.all(queues.map(async (queue) => ({ queue: queue.name, states: await queue.getJobCounts() }))),
        workers(),
        openIncidents(),
      ]);
      return () => {
        for (const { queue, states } of counts) {
          for (const [state, count] of Object.entries(states)) jobs.set({ queue, state }, count);
          takers.set({ queue }, present.filter((worker) => worker.queues.includes(queue)).length);
        }
        alive.set(present.length);
        incidents.set(open);
      };
    },
  };
}
