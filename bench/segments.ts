import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSegmentsEngine, type Engine, type EngineSource } from '@milvault/engines';
import { initRepository, type Repository } from '@milvault/repository';
import { systemClock } from '@milvault/shared';
import axios from 'axios';
import { freePort } from '../scripts/parts/free-port.ts';
import { startMilvusBackup } from '../scripts/parts/milvus-backup.ts';
import { addressOf, engineDeps, restoreBackup, takeBackup } from '../tests/support/engine-run.ts';
import { bytesIn } from './incremental.ts';
import { dropCollection, median, now, python, seedRows, type RowsBenchOptions } from './rows.ts';

const NAME = 'milvault_bench_segments';
const [OURS, THEIRS] = ['_ours', '_theirs'];

export interface SegmentsBenchOptions extends RowsBenchOptions {
  /** The folder in which that Milvus keeps its files. */
  readonly milvusData: string;
}

/** Where one round writes to, and how it tells what it took. */
interface Round extends SegmentsBenchOptions {
  readonly repository: Repository;
  readonly source: EngineSource;
  readonly official: Official;
  readonly note: (what: string, seconds: number) => void;
  readonly number: number;
}

/**
 * The engine `segments` beside milvus-backup on one server and collection, one after the other in each round: a full
 * beside its `create`, an incremental after 1 % more rows beside the same, a restore beside its `restore`. Ours hashes,
 * decodes and counts every file, and at the end indexes, loads and reads every restored row; theirs does none of it.
 */
export async function benchSegments(options: SegmentsBenchOptions): Promise<void> {
  const { milvus, milvusData, rows, dim, rounds, say } = options;
  const folder = await mkdtemp(join(tmpdir(), 'milvault-bench-'));
  const theirs = await startMilvusBackup({
    milvus,
    milvusData,
    folder: join(folder, 'theirs'),
    port: await freePort(),
    say,
  });
  const taken = new Map<string, number[]>();
  const note = (what: string, seconds: number): void => {
    taken.set(what, [...(taken.get(what) ?? []), seconds]);
    say(`${what}: ${seconds.toFixed(2)} s`);
  };
  try {
    say(`\n${rows} rows of ${dim} dimensions are made`);
    await seedRows(options, NAME, rows, dim);
    const source = { ...addressOf(milvus), storage: { place: milvusData, access: null } };
    for (let number = 1; number <= rounds; number++) {
      const place = join(folder, String(number));
      const repository = await initRepository(place, { clock: systemClock });
      await oneRound({ ...options, repository, source, official: officialCalls(theirs.api), note, number });
      await rm(place, { recursive: true, force: true });
    }
    report(taken, say);
  } finally {
    await python(options, 'drop', NAME, NAME + OURS, NAME + THEIRS);
    await theirs.running.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function oneRound(round: Round): Promise<void> {
  const { official, note, number, milvus, rows, dim, rounds, say } = round;
  say(`round ${number} of ${rounds}, segments beside milvus-backup`);
  const [first, second] = [`bench_${number}`, `bench_${number}_again`];
  const more = Math.ceil(rows / 100);
  const grow = (time: number) =>
    python(round, 'grow', NAME, String(rows + (2 * (number - 1) + time) * more), String(more), String(dim));
  note('milvus-backup create', await official.create(first));
  const full = await take(round, 'segments full', null);
  const nothing = await take(round, 'segments, nothing changed', full);
  // Rows that were just written cost either of them a flush.
  await grow(0);
  note('milvus-backup create, after 1 % more', await official.create(second));
  await grow(1);
  const last = await take(round, 'segments incremental', nothing);
  const restored = await official.restore(second);
  note('milvus-backup restore', restored);
  note('milvus-backup restore, usable', restored + (await python(round, 'usable', NAME + THEIRS)).seconds);
  await dropCollection(milvus, NAME + THEIRS);
  await restoreOurs(round, last);
  await dropCollection(milvus, NAME + OURS);
  for (const name of [first, second]) await official.remove(name);
}

async function take({ source, repository, note, say }: Round, what: string, base: string | null): Promise<string> {
  const held = await bytesIn(repository.place);
  const started = now();
  const { backup } = await takeBackup(segmentsEngine(), source, repository, { collections: [NAME], base });
  note(what, now() - started);
  say(`${what}: ${(await bytesIn(repository.place)) - held} bytes stored, ${backup.consistency}`);
  return backup.id;
}

async function restoreOurs({ source, repository, note }: Round, id: string): Promise<void> {
  const engine = segmentsEngine();
  const started = now();
  let filled = started;
  const timed: Engine = {
    ...engine,
    finishRestore: (...step) => {
      filled = now();
      return engine.finishRestore(...step);
    },
  };
  await restoreBackup(timed, source, repository, await repository.manifest(id), { suffix: OURS });
  note('segments restore, rows in', filled - started);
  note('segments restore, proved', now() - started);
}

const segmentsEngine = (): Engine => createSegmentsEngine(engineDeps);

/** Seconds that the official server takes, by its own HTTP calls. */
interface Official {
  create(name: string): Promise<number>;
  restore(name: string): Promise<number>;
  remove(name: string): Promise<number>;
}

function officialCalls(api: string): Official {
  const call = async (method: string, path: string, data?: object): Promise<number> => {
    const started = now();
    const { data: reply } = await axios.request<{ code?: number; msg?: string }>({
      method,
      url: `${api}/${path}`,
      data,
    });
    if ((reply.code ?? 0) !== 0) throw new Error(`milvus-backup ${path}: ${reply.msg ?? 'failed'}`);
    return now() - started;
  };
  return {
    create: (name) => call('POST', 'create', { async: false, backup_name: name, collection_names: [NAME] }),
    restore: (name) => call('POST', 'restore', { async: false, backup_name: name, collection_suffix: THEIRS }),
    remove: (name) => call('DELETE', `delete?backup_name=${name}`),
  };
}

function report(taken: ReadonlyMap<string, readonly number[]>, say: (line: string) => void): void {
  say('\nSeconds: median (range)');
  for (const [what, all] of taken) {
    const range = `${Math.min(...all).toFixed(2)} – ${Math.max(...all).toFixed(2)}`;
    say(`  ${what.padEnd(38)} ${median(all).toFixed(2).padStart(6)}  (${range})`);
  }
  const ratio = (what: string, of: string): string =>
    (median(taken.get(what) ?? []) / median(taken.get(of) ?? [])).toFixed(2);
  say('\nRatios of the medians');
  const tell = (what: string, of: string, promise: string): void =>
    say(`  ${`${what} / ${of.replace('milvus-backup ', '')}`.padEnd(54)} ${ratio(what, of)}  ${promise}`);
  tell('segments full', 'milvus-backup create', '(promised: <= 1)');
  tell('segments incremental', 'milvus-backup create, after 1 % more', '(promised: <= 0.4)');
  tell('segments restore, rows in', 'milvus-backup restore', '(promised: <= 1; neither can be searched)');
  tell('segments restore, proved', 'milvus-backup restore, usable', '(both can be searched)');
  tell('segments restore, proved', 'milvus-backup restore', '');
}
