import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DEFAULT_PREFIX } from '@milvault/catalog';
import { createService, JOBS, type QueueService } from '@milvault/jobs';
import { parseConfig, secret, silentLogger, systemClock } from '@milvault/shared';
import { freePort } from '../../../scripts/parts/free-port.ts';
import { ownRedis, type OwnRedis } from '../jobs/own-redis.ts';
import { CALM, until } from '../jobs/redis-house.ts';
import { startChild, type Child } from '../jobs/worker-child.ts';

export const WORKERS = ['worker 1', 'worker 2', 'worker 3'] as const;
export const VICTIMS = [...WORKERS, 'api', 'redis'] as const;
export type Victim = (typeof VICTIMS)[number];

/** Milvault as processes that may be killed: an API, three workers, a Redis of their own. */
export interface KillableHouse {
  readonly api: string;
  /** Sees what the processes see, and does nothing by itself. */
  readonly service: QueueService;
  /** SIGKILL, and the process is started again after a pause. */
  kill(victim: Victim, pauseMs: number): Promise<void>;
  close(): Promise<void>;
}

interface Killable {
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** A run dies with its worker again and again here: nothing but its own faults may end it. */
const TUNING = { ...CALM, attempts: 20, attemptsByHand: 20, maxStalled: 100, maxStarted: 200 };

export async function openKillableHouse(folder: string, sections: object): Promise<KillableHouse> {
  const redis = await ownRedis();
  const port = await freePort();
  const api = `http://127.0.0.1:${String(port)}`;
  const file = path.join(folder, 'milvault.json');
  await writeFile(file, JSON.stringify({ ...sections, redis: redis.url, log: { level: 'error' } }));
  const parts = new Map<Victim, Killable>();
  parts.set('redis', { kill: redis.kill, start: redis.start });
  parts.set('api', apiProcess(api, { MILVAULT_CONFIG: file, MILVAULT_PORT: String(port) }));
  for (const name of WORKERS) parts.set(name, workerProcess(redis, sections));
  for (const [name, part] of parts) if (name !== 'redis') await part.start();
  const config = { ...parseConfig(JSON.stringify(sections), { env: {} }), redis: secret(redis.url) };
  const options = { clock: systemClock, logger: silentLogger, tuning: TUNING, jobs: JOBS, keeper: false };
  const service = await createService(config, options);
  return {
    api,
    service,
    kill: async (victim, pauseMs) => {
      const part = parts.get(victim);
      if (part === undefined) throw new Error(`there is no ${victim}`);
      await part.kill();
      await systemClock.sleep(pauseMs);
      await part.start();
    },
    close: async () => {
      for (const [name, part] of parts) if (name !== 'redis') await part.kill();
      await service.close();
      await redis.close();
    },
  };
}

function workerProcess(redis: OwnRedis, sections: object): Killable {
  let child: Child | null = null;
  return {
    kill: async () => child?.kill(),
    start: async () => {
      const settings = { prefix: DEFAULT_PREFIX, redis: redis.url, tuning: TUNING, jobs: 'real', sections } as const;
      child = await startChild(settings);
    },
  };
}

function apiProcess(url: string, env: Readonly<Record<string, string>>): Killable {
  let kill = (): Promise<void> => Promise.resolve();
  return {
    kill: () => kill(),
    start: async () => {
      const child = spawn(process.execPath, ['--import', 'tsx', 'apps/api/src/main.ts'], {
        env: { ...process.env, ...env },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      const exited = once(child, 'exit');
      kill = async () => {
        child.kill('SIGKILL');
        await exited;
      };
      let ended = false;
      void exited.then(() => (ended = true));
      await until(
        () =>
          fetch(`${url}/healthz`).then(
            ({ ok }) => ok,
            () => false,
          ),
        (up) => up || ended,
      );
    },
  };
}
