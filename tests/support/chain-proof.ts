import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine, EngineSource } from '@milvault/engines';
import { initRepository, type Repository } from '@milvault/repository';
import { systemClock } from '@milvault/shared';
import { chainStep, type ChainStep } from './chain.ts';
import { expect } from 'vitest';
import { restoreBackup, takeBackup, type Taken } from './engine-run.ts';
import { temporaryFolder } from './folder.ts';
import { dropShapes, dumpAll, ownPrefix, type Dump } from './shapes.ts';

const INCREMENTALS = 14;

interface Point {
  readonly taken: Taken;
  readonly step: ChainStep;
  readonly dumps: readonly Dump[];
}

export interface ChainCase {
  readonly engine: () => Engine;
  readonly source: () => EngineSource;
  /** Two renames at once fail in Milvus Lite 3.2.2: both write aliases.json.tmp. */
  readonly restoresAtOnce: number;
}

/** A segment that was just loaded shows rows without their latest deletions for a moment. */
const SETTLE_MS = 60_000;

/**
 * What the oracle reads once no key is seen twice: then Milvus 2.3.5 puts the values of Array fields beside the wrong
 * keys, in pymilvus as anywhere (our own reading refuses such an answer: there are more values than rows).
 */
async function dumpSettled(address: string, collections: ChainStep['collections']): Promise<Dump[]> {
  for (const until = Date.now() + SETTLE_MS; ; await sleep(100)) {
    const dumps = await dumpAll(address, collections);
    const twice = dumps.filter(({ rows, counted }) => counted.some((count) => count !== rows.length));
    if (twice.length === 0) return dumps;
    if (Date.now() > until) throw new Error(`a key is seen twice in ${twice.length} collections for 60 s`);
  }
}

/** Changes, looks with the oracle, backs up; and so on to the end of the chain. */
async function takeChain(given: ChainCase, prefix: string, seed: string, repository: Repository): Promise<Point[]> {
  const source = given.source();
  const { address } = source;
  const points: Point[] = [];
  for (let number = 0; number <= INCREMENTALS; number++) {
    const step = await chainStep(address, prefix, seed, number);
    const dumps = await dumpSettled(address, step.collections);
    const collections = step.collections.map((one) => one.collection);
    const base = points.at(-1)?.taken.backup.id ?? null;
    const taken = await takeBackup(given.engine(), source, repository, { collections, base, prove: true });
    points.push({ taken, step, dumps });
  }
  return points;
}

/** Rows, fields and partitions as they were; ids of the server's own making are kept by a key without automatic ids. */
const shape = ({ rows, fields, partitions, indexes }: Dump) => ({
  rows,
  fields: fields.map((field) => Object.fromEntries(Object.entries(field).filter(([name]) => name !== 'auto_id'))),
  partitions,
  indexes,
});

async function proveByRestore(
  given: ChainCase,
  repository: Repository,
  { taken, step, dumps }: Point,
  suffix: string,
  where: string,
): Promise<void> {
  await restoreBackup(given.engine(), given.source(), repository, taken.manifest, { suffix });
  const restored = step.collections.map((one) => ({ ...one, collection: one.collection + suffix }));
  const found = await dumpAll(given.source().address, restored);
  for (const [i, dump] of dumps.entries()) {
    expect(shape(found[i]!), `${where}: ${step.collections[i]?.collection}`).toEqual(shape(dump));
  }
}

export type NewRepository = () => Promise<Repository>;

export const inFolder: NewRepository = async () =>
  initRepository(`${await temporaryFolder()}/repo`, { clock: systemClock });

/** A full and fourteen incrementals of what the oracle changes: every point restores to what it read at that moment. */
export async function proveChain(given: ChainCase, newRepository: NewRepository): Promise<void> {
  const seed = process.env['MILVAULT_TEST_SEED'] ?? Math.random().toString(36).slice(2, 10);
  const prefix = ownPrefix();
  const repository = await newRepository();
  try {
    const points = await takeChain(given, prefix, seed, repository);
    const left = points.entries();
    const lane = async (): Promise<void> => {
      for (const [number, point] of left) {
        const where = `MILVAULT_TEST_SEED=${seed}, point ${number} after ${point.step.did.join('; ')}`;
        expect(point.taken.backup.type, where).toBe(number === 0 ? 'full' : 'incremental');
        expect(await repository.verify(point.taken.backup.id, { level: 3 }), where).toMatchObject({ result: 'ok' });
        await proveByRestore(given, repository, point, `__p${number}`, where);
      }
    };
    // All of them end before the collections are dropped, whichever failed.
    const ends = await Promise.allSettled(Array.from({ length: given.restoresAtOnce }, lane));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  } finally {
    await dropShapes(given.source().address, prefix);
  }
}

export const CHAIN_TIMEOUT = 600_000;
