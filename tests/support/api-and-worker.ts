import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startWorker } from '@milvault/jobs';
import { loadConfig, silentLogger, systemClock } from '@milvault/shared';
import { Redis } from 'ioredis';
import { buildApp } from '../../apps/api/src/app.ts';
import { composeParts } from '../../apps/api/src/compose.ts';

export interface Running {
  readonly api: string;
  close(): Promise<void>;
}

/** The real API on a free port and one real worker, over keys of their own in the real Redis. */
export async function startApiAndWorker(redis: string, folder: string, sections: object): Promise<Running> {
  const file = path.join(folder, 'server.json');
  await writeFile(file, JSON.stringify({ redis, ...sections }));
  const config = await loadConfig({ file, env: {} });
  const options = { clock: systemClock, logger: silentLogger, prefix: `{cli-${randomBytes(6).toString('hex')}}` };
  const composed = await composeParts(config, options);
  const app = await buildApp(composed.parts);
  const worker = await startWorker(config, options);
  return {
    api: await app.listen({ host: '127.0.0.1', port: 0 }),
    close: async () => {
      await worker.close();
      await app.close();
      await composed.close();
      await forget(redis, options.prefix);
    },
  };
}

async function forget(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url);
  try {
    for await (const keys of redis.scanStream({ match: `${prefix}:*`, count: 1000 }) as AsyncIterable<string[]>) {
      if (keys.length > 0) await redis.del(...keys);
    }
  } finally {
    redis.disconnect();
  }
}
