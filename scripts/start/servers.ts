import { join } from 'node:path';
import { isFree, freePort } from '../parts/free-port.ts';
import { startMilvusLite } from '../parts/milvus-lite.ts';
import { startRedis } from '../parts/redis.ts';
import type { Releases } from './releases.ts';
import type { Say } from './say.ts';
import { fillSample } from './sample/fill.ts';
import { keptPort } from './ports.ts';
import { writeSampleConfig } from './sample-config.ts';
import type { Settings } from './settings.ts';

/** Variables that lay what `npm start` brought over the configuration, for the API and the worker. */
export type Overlay = Readonly<Record<string, string>>;

export interface Place {
  /** Where everything is kept that `npm start` makes. */
  readonly folder: string;
  readonly settings: Settings;
  readonly releases: Releases;
  readonly say: Say;
}

/** The Redis that is configured, or one of our own under `folder`. */
export async function bringRedis({ folder, settings, releases, say }: Place): Promise<Overlay> {
  if (settings.redisUrl !== null) {
    say.fact('Redis', 'the one that is configured');
    return {};
  }
  const port = await keptPort(folder, 'redis');
  const { url, running } = await startRedis({ folder: join(folder, 'redis'), port, say: say.note });
  releases.add('Redis', () => running.stop());
  say.fact('Redis', `${url}, every write kept on disk`);
  return { REDIS_URL: url };
}

/** The source that is configured, or a Milvus Lite that holds the sample. */
export async function bringSource(place: Place): Promise<Overlay> {
  const { folder, settings, releases, say } = place;
  const repository = settings.hasRepository ? {} : { MILVAULT_REPOSITORY: join(folder, 'backups') };
  if (settings.hasSource) {
    say.fact('Milvus', settings.config.sources.map((source) => `${source.name} at ${source.address}`).join(', '));
    return repository;
  }
  const port = await keptPort(folder, 'milvus-lite');
  const lite = await startMilvusLite({ folder: join(folder, 'milvus-lite'), port, say: say.note });
  releases.add('Milvus Lite', () => lite.running.stop());
  const rows = await fillSample(lite.address, say.note);
  say.fact('Milvus', `a Milvus Lite at ${lite.address} with a sample: ${rows.toLocaleString('en-US')} films`);
  if (settings.config.file !== null) return { MILVUS_ADDRESS: lite.address, ...repository };
  return { MILVAULT_CONFIG: await writeSampleConfig(folder, lite.address) };
}

/** The port that is configured; where it is taken and nobody chose it, a free one. */
export async function choosePort({ settings, say }: Place): Promise<number> {
  const { port } = settings.config.api;
  if (await isFree(port)) return port;
  if ((process.env['MILVAULT_PORT'] ?? '') !== '' || settings.config.file !== null) {
    throw new Error(`Port ${port} of the API is taken. End what listens there, or set MILVAULT_PORT to another port.`);
  }
  const other = await freePort();
  say.note(`Port ${port} is taken; the API listens on ${other} instead.`);
  return other;
}
