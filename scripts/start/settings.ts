import { existsSync, readFileSync } from 'node:fs';
import { defaultConfig, loadConfig, type Config } from '@milvault/shared';
import { ROOT } from '../parts/paths.ts';

/** What the owner of this machine has configured already, and so what `npm start` need not bring. */
export interface Settings {
  readonly config: Config;
  /** The Redis to use, or null: start one. */
  readonly redisUrl: string | null;
  readonly hasSource: boolean;
  readonly hasRepository: boolean;
}

/** A default value in the configuration does not tell whether somebody wrote it. */
function namedRedis(config: Config): string | null {
  const url = config.redis.reveal();
  if (url !== defaultConfig({}).redis.reveal()) return url;
  if ((process.env['REDIS_URL'] ?? '') !== '') return url;
  const written = config.file !== null && existsSync(config.file) ? readFileSync(config.file, 'utf8') : '';
  return /^\s*["']?redis["']?\s*:/m.test(written) ? url : null;
}

export async function readSettings(): Promise<Settings> {
  const config = await loadConfig({ folder: ROOT });
  return {
    config,
    redisUrl: namedRedis(config),
    hasSource: config.sources.length > 0,
    hasRepository: config.repositories.length > 0,
  };
}
