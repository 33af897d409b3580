import fc from 'fast-check';
import { initRepository, openRepository, openStorage, type Repository, type StorageDriver } from '@milvault/repository';
import { hasCode, type ErrorCode } from '@milvault/shared';
import { describe, expect, it } from 'vitest';
import { beginIncremental, borrowFilms, filmsOf, indexOfFilms } from '../../../support/borrowing.ts';
import { DAY, takeBackup, testClock, type TestClock } from '../../../support/repository.ts';

const HOUR = 3_600_000;
const SCHEDULES = 150;

/** What may be refused, because another one came first. */
const REFUSED: readonly ErrorCode[] = ['BASE_GONE', 'BACKUP_ABORTED', 'BACKUP_NEEDED', 'BACKUP_NOT_FOUND'];

async function orRefused<T>(work: Promise<T>, ...also: readonly ErrorCode[]): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (hasCode(error, ...REFUSED, ...also)) return null;
    throw error;
  }
}

/** The same store, whose every answer comes when the scheduler says so. */
function scheduled(storage: StorageDriver, scheduler: fc.Scheduler, blind: (key: string) => boolean): StorageDriver {
  const turn = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    await scheduler.schedule(Promise.resolve(), what);
    return work();
  };
  const unwritten = async <T>(key: string, answer: T, work: () => Promise<T>): Promise<T> =>
    blind(key) ? answer : turn(key, work);
  return {
    ...storage,
    put: (key, bytes) => unwritten(key, undefined, () => storage.put(key, bytes)),
    create: (key, bytes) => unwritten(key, 'created', () => storage.create(key, bytes)),
    get: (key) => turn(key, () => storage.get(key)),
    getRange: (key, offset, length) => turn(key, () => storage.getRange(key, offset, length)),
    stat: (key) => turn(key, () => storage.stat(key)),
    remove: (key) => turn(key, () => storage.remove(key)),
    list: async function* (prefix) {
      await scheduler.schedule(Promise.resolve(), prefix);
      yield* storage.list(prefix);
    },
  };
}

interface Order {
  readonly scheduler: fc.Scheduler;
  /** Keys that are said to be written, and are not. */
  readonly blind?: (key: string) => boolean;
  /** The second deletion takes for dead whoever undecided it meets, and the restore is left out: its mark is over then. */
  readonly late?: boolean;
}

/** Two incrementals on one backup and a restore of it, while two deletions want it gone. Gives the first fault, or null. */
async function anyOrder({ scheduler, blind = () => false, late = false }: Order): Promise<string | null> {
  const clock = testClock();
  const storage = openStorage('memory:', clock);
  const { id: base } = await takeBackup(await initRepository('', { clock, storage }), { plan: 'nightly' });
  const own = scheduled(storage, scheduler, blind);
  const open = (ahead = 0): Promise<Repository> =>
    openRepository('', { clock: { ...clock, now: () => clock.now() + ahead }, storage: own });
  const opening = Promise.all([open(), open(), open(), open(), open(late ? 2 * DAY : 0)]);
  await scheduler.waitFor(opening);
  const [one, two, reader, deleter, other] = await opening;
  const work = Promise.all([
    orRefused(borrow(one, base), 'OBJECT_MISSING'),
    orRefused(borrow(two, base), 'OBJECT_MISSING'),
    late ? null : orRefused(read(reader, base, clock)),
    orRefused(deleter.remove(base, { force: true })),
    orRefused(other.remove(base, { force: true })),
  ]);
  try {
    await scheduler.waitFor(work);
    await work;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return faultOf(await openRepository('', { clock, storage }));
}

/** As an engine does: what it misses of the base, before its pin or after it was given up, is a refusal. */
async function borrow(repository: Repository, base: string): Promise<void> {
  const index = await indexOfFilms(repository, base);
  const draft = await beginIncremental(repository, base);
  try {
    await repository.commit(draft, filmsOf([await borrowFilms(repository, draft, index, { fresh: [20, 1] })]));
  } catch (error) {
    await repository.abandon(draft, 'refused');
    throw error;
  }
}

async function read(repository: Repository, id: string, { now }: TestClock): Promise<void> {
  await repository.beginReading(id, { reader: 'run', until: now() + HOUR });
  // From here nothing may be missing.
  const index = await indexOfFilms(repository, id).catch(lost);
  for (const chunk of index.chunks) await repository.readChunk(index, chunk).catch(lost);
  await repository.endReading(id, 'run');
}

const lost = (error: Error): never => {
  throw new Error(`lost while it was read: ${error.message}`);
};

async function faultOf(repository: Repository): Promise<string | null> {
  for (const { id, name } of await repository.list()) {
    const { result, damages } = await repository.verify(id, { level: 3 });
    if (result !== 'ok') return `${name} is ${result}: ${damages[0]?.message ?? ''}`;
  }
  return null;
}

/** What went wrong in the first of so many orders in which something did, or null. */
async function firstFault(blind: (key: string) => boolean): Promise<string | null> {
  for (let seed = 1; seed <= 20 * SCHEDULES; seed++) {
    const [scheduler] = fc.sample(fc.scheduler(), { numRuns: 1, seed });
    const fault = scheduler === undefined ? null : await anyOrder({ scheduler, blind });
    if (fault !== null) return fault;
  }
  return null;
}

describe('incrementals, a restore and deletions of one backup, in any order of their steps', () => {
  it.each([
    ['leave no backup with a hole, and nothing vanishes under its reader', false],
    ['leave no backup with a hole where a deletion takes them for dead', true],
  ])('%s', { timeout: 120_000 }, async (_, late) => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        expect(await anyOrder({ scheduler, late })).toBeNull();
      }),
      { numRuns: SCHEDULES },
    );
  });

  it.each([
    ['pins/', /is damaged/],
    ['deleting/', /is damaged|lost while it was read/],
    ['reading/', /lost while it was read/],
  ])('would show it where nothing were written to %s', { timeout: 120_000 }, async (folder, fault) => {
    expect(await firstFault((key) => key.startsWith(folder))).toMatch(fault);
  });
});
