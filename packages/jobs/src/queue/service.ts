import {
  asRedisFault,
  type Catalog,
  type CatalogEvent,
  type CatalogEvents,
  type Incident,
  type WorkerRecord,
} from '@milvault/catalog';
import type { Backup, Config, Run } from '@milvault/shared';
import type { Queue } from 'bullmq';
import { hostname } from 'node:os';
import { createBackupFace } from '../backups.ts';
import { hasEnded, underWay } from '../conflicts.ts';
import type { QueueHealth, Service } from '../port.ts';
import { cancelRun } from './cancel-run.ts';
import { queueHealth } from './context.ts';
import { createFollower } from './follow.ts';
import { openHouse, type House, type QueueOptions } from './house.ts';
import { startKeeper } from './keeper.ts';
import { allQueues } from './queues.ts';
import { startRun } from './start.ts';
import { waitForEnd } from './wait.ts';

/** The {@link Service} over Redis, and what the faces show besides. Every method may reject with REDIS_UNREACHABLE. */
export interface QueueService extends Service {
  readonly catalog: Catalog;
  /** For Bull Board and metrics: to look at, not to add to. */
  readonly queues: readonly Queue[];
  ping(): Promise<void>;
  workers(): Promise<WorkerRecord[]>;
  queueHealth(): Promise<QueueHealth>;
  /** Milliseconds since 1970 by the clock of Redis. */
  redisNow(): Promise<number>;
  openIncidents(): Promise<Incident[]>;
  /** Jobs by queue and state. */
  queueCounts(): Promise<{ queue: string; counts: Record<string, number> }[]>;
  /** What happens from now on or, with an id, after that event as far as it is still kept. Ends with the signal. */
  follow(lastId: string | null, signal: AbortSignal): AsyncIterable<CatalogEvent>;
}

export interface ServiceOptions extends QueueOptions {
  /**
   * Whether this process also delivers alerts, keeps the schedules and looks for silence. Default true: so that silence
   * is told where no worker lives.
   */
  readonly keeper?: boolean;
}

/** Opens the service. REDIS_UNREACHABLE, REDIS_UNSUPPORTED, REDIS_EVICTS, REDIS_FORGETS. */
export async function createService(config: Config, options: ServiceOptions = {}): Promise<QueueService> {
  const house = await openHouse(config, 'asking', options);
  const keeper = options.keeper === false ? null : await startKeeper(house, `${hostname()}:${String(process.pid)}`);
  const follower = createFollower(house);
  const queues = allQueues(house.queues);
  return {
    ...tellingFace(house, createBackupFace(config, house.adapters)),
    ...runFace(house),
    catalog: house.catalog,
    queues,
    ping: () => answered(house, async () => void (await house.redis.ping())),
    workers: () => answered(house, () => house.catalog.workers.list()),
    queueHealth: () => answered(house, () => queueHealth(house)),
    redisNow: () =>
      answered(house, async () => {
        const [seconds, micros] = await house.redis.time();
        return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
      }),
    openIncidents: () =>
      answered(
        house,
        async () => (await house.catalog.incidents.list({ open: true, limit: 1_000, offset: 0 })).incidents,
      ),
    queueCounts: () =>
      answered(house, () =>
        Promise.all(queues.map(async (queue) => ({ queue: queue.name, counts: await queue.getJobCounts() }))),
      ),
    follow: (lastId, signal) => follower.follow(lastId, signal),
    close: async () => {
      follower.close();
      await keeper?.close();
      await house.close();
    },
  };
}

type BackupFace = ReturnType<typeof createBackupFace>;

/** Those who watch see at once what became of a backup. It is done by then, so a Redis that is away makes it no failure. */
function tellingFace({ catalog, logger }: House, face: BackupFace): BackupFace {
  const tell = async (backup: Backup, change: CatalogEvents['backup.changed']['change']): Promise<void> => {
    const { id, repository } = backup;
    await catalog.events.emit('backup.changed', { backup: id, repository, change }).catch((err: unknown) => {
      logger.warn({ err, backup: id }, 'nobody was told of a change of a backup');
    });
  };
  return {
    ...face,
    removeBackup: async (idOrName, asked) => {
      const backup = await face.backup(idOrName, asked);
      await face.removeBackup(backup.id, backup.repository);
      await tell(backup, 'removed');
    },
    holdBackup: async (idOrName, reason, asked) => {
      const backup = await face.holdBackup(idOrName, reason, asked);
      await tell(backup, 'held');
      return backup;
    },
    releaseBackup: async (idOrName, asked) => {
      const backup = await face.releaseBackup(idOrName, asked);
      await tell(backup, 'released');
      return backup;
    },
  };
}

type RunFace = Pick<Service, 'start' | 'run' | 'runs' | 'logs' | 'cancel' | 'wait'>;

function runFace(house: House): RunFace {
  const { runs, work } = house.catalog;
  return {
    start: (kind, payload, options) =>
      answered(house, async () => {
        const started = await startRun(house, kind, payload, options);
        if ('underWay' in started) throw underWay({ id: started.underWay, kind });
        return runs.get(started.run);
      }),
    run: (id) => answered(house, () => runs.get(id)),
    runs: (filter) => answered(house, () => runs.list(filter)),
    logs: (id) =>
      answered(house, async () => {
        await runs.get(id);
        return work.logs(id);
      }),
    cancel: (id) =>
      answered(house, async (): Promise<Run> => {
        const run = await runs.get(id);
        if (run.endedAt !== null) throw hasEnded(run);
        await cancelRun(house, run);
        return runs.get(id);
      }),
    wait: (id, signal, onProgress) => answered(house, () => waitForEnd(house, id, signal, onProgress)),
  };
}

/** A Redis that does not answer is told as what it is, not as the words of its client. */
async function answered<Result>(house: House, ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (thrown) {
    throw asRedisFault(house.config.redis, thrown);
  }
}
