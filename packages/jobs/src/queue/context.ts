import { checkRedis } from '@milvault/catalog';
import { isMilvaultError, toErrorRecord, type ErrorRecord, type Logger } from '@milvault/shared';
import type { JobContext, QueueHealth } from '../port.ts';
import { teeLogger } from '../run-log.ts';
import { withSignal } from '../stoppable.ts';
import type { House } from './house.ts';
import { allQueues } from './queues.ts';
import { reportFinding } from './telling.ts';

/** The context of a job, or of a part, over Redis. */
export function contextOf(
  house: House,
  run: { readonly id: string; readonly signal: AbortSignal; readonly logger?: Logger },
  onProgress: JobContext['onProgress'],
): JobContext {
  const { config, clock, adapters } = house;
  const context: JobContext = {
    runId: run.id,
    clock,
    logger: run.logger ?? runLogger(house, run.id),
    signal: run.signal,
    config,
    source: adapters.source,
    repository: adapters.repository,
    engines: adapters.engines,
    connect: adapters.connect,
    onProgress,
    activeBackups: () => activeBackups(house),
    report: (finding) => reportFinding(house, finding),
    queues: () => queueHealth(house),
    seenSince: (what) => seenSince(house, what),
  };
  return withSignal(context, run.signal);
}

/** Lines for people go to the record of the run, too. Losing one there is no reason to fail. */
export function runLogger(house: House, id: string): Logger {
  const bound = house.logger.child({ run: id });
  return teeLogger(bound, (level, line) => {
    const at = new Date(house.clock.now()).toISOString();
    house.catalog.work.log(id, `${at} ${level} ${line}`).catch((err: unknown) => {
      bound.debug({ err }, 'A line of the run was not kept');
    });
  });
}

async function activeBackups(house: House): Promise<string[]> {
  const { runs, work } = house.catalog;
  const ids: string[] = [];
  for (const id of await runs.open()) {
    const [run, plan] = await Promise.all([runs.find(id), work.plan(id)]);
    const backup = run === null || plan === null ? null : house.jobs[run.kind].writes?.(plan.state);
    if (backup !== null && backup !== undefined) ids.push(backup);
  }
  return ids;
}

export async function queueHealth(house: House): Promise<QueueHealth> {
  const queues = allQueues(house.queues);
  const [workers, counts, paused, schedulers, redis] = await Promise.all([
    house.catalog.workers.list(),
    Promise.all(queues.map((queue) => queue.getJobCounts('waiting', 'prioritized'))),
    Promise.all(queues.map(async (queue) => ((await queue.isPaused()) ? [queue.name] : []))),
    house.queues.ticks.getJobSchedulers(0, -1, true),
    checkRedis(house.redis).then(() => null, toTrouble),
  ]);
  const waiting = counts.flatMap((one) => Object.values(one)).reduce((sum, count) => sum + count, 0);
  const schedules = schedulers.flatMap(({ key, next }) => (next === undefined ? [] : [{ id: key, due: next }]));
  return { workers: workers.length, waiting, paused: paused.flat(), schedules, redis };
}

/** A Redis that does not answer is no wrong setting: whoever asks hears of it otherwise. */
function toTrouble(thrown: unknown): ErrorRecord {
  if (isMilvaultError(thrown)) return toErrorRecord(thrown);
  throw thrown;
}

async function seenSince({ catalog, clock }: House, what: string): Promise<number> {
  const name = `seen/${what}`;
  const known = await catalog.facts.get<number>(name);
  if (known !== null) return known;
  const now = clock.now();
  await catalog.facts.set(name, now);
  return now;
}
