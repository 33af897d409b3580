import {
  fail,
  isStopped,
  newId,
  silentLogger,
  Stopped,
  systemClock,
  type Clock,
  type Config,
  type Logger,
} from '@milvault/shared';
import type { Adapters } from '../adapters.ts';
import { createBackupFace } from '../backups.ts';
import { composeAdapters } from '../compose.ts';
import { hasEnded, underWay } from '../conflicts.ts';
import type { JobContext, JobRegistry, Service } from '../port.ts';
import { recordOf } from '../policy.ts';
import { limitMsOf } from '../time-limit.ts';
import { JOBS } from '../registry.ts';
import { publicRequest, requestKey } from '../requests.ts';
import { teeLogger } from '../run-log.ts';
import { withSignal } from '../stoppable.ts';
import { DEFAULT_TUNING, type Tuning } from '../tuning.ts';
import { createRunBook, type RunBook } from './record.ts';
import { runLocally } from './run.ts';
import { waitForEnd } from './wait.ts';

export interface LocalOptions {
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly adapters?: Adapters;
  readonly jobs?: JobRegistry;
  readonly tuning?: Partial<Tuning>;
}

interface Underway {
  readonly book: RunBook;
  readonly key: string;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

interface Parts {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly adapters: Adapters;
  readonly jobs: JobRegistry;
  readonly tuning: Tuning;
  readonly known: Map<string, Underway>;
}

/**
 * The {@link Service} of this one process: no Redis, no queue, no memory beyond its life. What it does to sources and
 * repositories is what the workers do. `close` cancels what still runs and waits for it.
 */
export function createLocalService(config: Config, options: LocalOptions = {}): Service {
  const { clock = systemClock, logger = silentLogger, jobs = JOBS } = options;
  const adapters = options.adapters ?? composeAdapters(config, { clock, logger });
  const tuning = { ...DEFAULT_TUNING, ...options.tuning };
  const known = new Map<string, Underway>();
  const parts: Parts = { config, clock, logger, adapters, jobs, tuning, known };
  const find = (id: string): Underway => {
    const underway = known.get(id);
    if (underway === undefined) throw fail('RUN_NOT_FOUND', { what: `There is no run ${JSON.stringify(id)}` });
    return underway;
  };
  return {
    ...createBackupFace(config, adapters),
    start: async (kind, payload, { trigger, plan, runId }) => {
      const key = requestKey(kind, payload);
      const equal = [...known.values()].find((one) => one.key === key && one.book.run().endedAt === null);
      if (equal !== undefined) throw underWay(equal.book.run());
      const id = runId ?? newId(clock);
      const request = publicRequest(payload);
      const book = createRunBook({ id, kind, plan, trigger, request, queuedAt: clock.now() });
      const stop = new AbortController();
      known.set(id, { book, key, stop, ended: execute(parts, book, payload, stop) });
      return book.run();
    },
    run: async (id) => find(id).book.run(),
    runs: async (filter) => {
      const runs = [...known.values()].map(({ book }) => book.run()).reverse();
      const fitting = runs.filter(
        (run) =>
          (filter.kind === undefined || run.kind === filter.kind) &&
          (filter.state === undefined || run.state === filter.state) &&
          (filter.plan === undefined || run.plan === filter.plan),
      );
      return { runs: fitting.slice(filter.offset, filter.offset + filter.limit), total: fitting.length };
    },
    logs: async (id) => [...find(id).book.logs],
    cancel: async (id) => {
      const { book, stop } = find(id);
      if (book.run().endedAt !== null) throw hasEnded(book.run());
      stop.abort(new Stopped('cancelled'));
      return book.run();
    },
    wait: (id, signal, onProgress) => waitForEnd(find(id).book, signal, onProgress),
    close: async () => {
      for (const { stop, book } of known.values())
        if (book.run().endedAt === null) stop.abort(new Stopped('cancelled'));
      await Promise.all([...known.values()].map(({ ended }) => ended));
    },
  };
}

/** Never rejects: how the run ended stands in its book. */
async function execute(parts: Parts, book: RunBook, payload: unknown, stop: AbortController): Promise<void> {
  const { clock, jobs, tuning, config } = parts;
  const context = contextOf(parts, book, stop.signal);
  const limitMs = limitMsOf(config, book.run().plan);
  const ended = new AbortController();
  clock.sleep(limitMs, ended.signal).then(
    () => stop.abort(new Stopped('timed-out')),
    () => undefined,
  );
  book.begin(clock.now());
  try {
    const job = jobs[book.run().kind];
    const result = await runLocally({ job, payload, context, tuning, observer: book.observer });
    book.end('succeeded', clock.now(), { result: { ...result } });
  } catch (thrown) {
    const cancelled = isStopped(thrown) && thrown.reason === 'cancelled';
    const error = recordOf(thrown, limitMs);
    context.logger.error({ err: thrown }, cancelled ? 'The run was cancelled' : 'The run failed');
    book.end(cancelled ? 'cancelled' : 'failed', clock.now(), { error });
  } finally {
    ended.abort();
  }
}

function contextOf(
  { config, clock, logger, adapters, jobs, known }: Parts,
  book: RunBook,
  signal: AbortSignal,
): JobContext {
  const bound = logger.child({ run: book.id });
  const context: JobContext = {
    runId: book.id,
    clock,
    logger: teeLogger(bound, (level, line) => book.logs.push(`${level} ${line}`)),
    signal,
    config,
    source: adapters.source,
    repository: adapters.repository,
    engines: adapters.engines,
    connect: adapters.connect,
    onProgress: (done) => {
      if (done.phase !== undefined) book.phase(done.phase);
      book.count(done);
    },
    activeBackups: async () =>
      [...known.values()].flatMap(({ book: other }) => {
        const run = other.run();
        const id = run.endedAt === null && other.state() !== null ? jobs[run.kind].writes?.(other.state()) : null;
        return id === null || id === undefined ? [] : [id];
      }),
    report: async (finding) => {
      if (!finding.ok) bound.warn({ check: finding.check, subject: finding.subject }, finding.title);
    },
    queues: async () => null,
    // It remembers nothing: a plan without backups is told at the first look.
    seenSince: async () => 0,
  };
  return withSignal(context, signal);
}
