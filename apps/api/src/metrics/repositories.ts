import type { Registry } from 'prom-client';
import type { ApiParts } from '../parts.ts';
import { gauge, type Subject } from './subject.ts';

/** Space of the configured repositories. One that cannot be read does not hide the others. */
export function repositoryGauges(registry: Registry, { config, repository, logger }: ApiParts): Subject {
  const up = gauge(registry, 'milvault_repository_up', 'Whether the repository can be read', ['repository']);
  const total = gauge(registry, 'milvault_repository_total_bytes', 'Size of its file system', ['repository']);
  const free = gauge(registry, 'milvault_repository_free_bytes', 'Free space of its file system', ['repository']);
  const spaceOf = async (name: string) => {
    try {
      return { name, ok: 1, space: await (await repository(name)).space() };
    } catch (error) {
      logger.warn({ err: error, repository: name }, 'a repository could not be read for the metrics');
      return { name, ok: 0, space: null };
    }
  };
  return {
    name: 'repositories',
    gauges: [up, total, free],
    read: async () => {
      const spaces = await Promise.all(config.repositories.map(({ name }) => spaceOf(name)));
      return () => {
        for (const { name, ok, space } of spaces) {
          up.set({ repository: name }, ok);
          if (space === null) continue;
          total.set({ repository: name }, space.total);
          free.set({ repository: name }, space.free);
        }
      };
    },
  };
}
