import { initRepository, type Repository } from '@milvault/repository';
import { systemClock } from '@milvault/shared';
import { describe, expect, test } from 'vitest';
import { chainStep, type ChainStep } from '../../support/chain.ts';
import { rowsEngine } from '../../support/engine-case.ts';
import { restoreBackup, takeBackup, type Taken } from '../../support/engine-run.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { s3Server } from '../../support/s3-servers.ts';
import { servers } from '../../support/servers.ts';
import { dropShapes, dumpAll, ownPrefix, type Dump } from '../../support/shapes.ts';

const INCREMENTALS = 14;

interface Point {
  readonly taken: Taken;
  readonly step: ChainStep;
  readonly dumps: readonly Dump[];
}

/** Changes, looks with the oracle, backs up; and so on to the end of the chain. */
async function takeChain(address: string, prefix: string, seed: string, repository: Repository): Promise<Point[]> {
  const points: Point[] = [];
  for (let number = 0; number <= INCREMENTALS; number++) {
    const step = await chainStep(address, prefix, seed, number);
    const dumps = await dumpAll(address, step.collections);
    const collections = step.collections.map((one) => one.collection);
    const base = points.at(-1)?.taken.backup.id ?? null;
    const taken = await takeBackup(rowsEngine(), address, repository, { collections, base, prove: true });
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
  address: string,
  repository: Repository,
  { taken, step, dumps }: Point,
  suffix: string,
  where: string,
): Promise<void> {
  await restoreBackup(rowsEngine(), address, repository, taken.manifest, { suffix });
  const restored = step.collections.map((one) => ({ ...one, collection: one.collection + suffix }));
  const found = await dumpAll(address, restored);
  for (const [i, dump] of dumps.entries()) {
    expect(shape(found[i]!), `${where}: ${step.collections[i]?.collection}`).toEqual(shape(dump));
  }
}

type NewRepository = () => Promise<Repository>;

const inFolder = (): NewRepository => async () =>
  initRepository(`${await temporaryFolder()}/repo`, { clock: systemClock });

function inBucket(): NewRepository {
  const store = s3Server('versitygw');
  return async () => initRepository(await store.newPlace(), { clock: systemClock, access: store.access() });
}

describe.each([
  ['Milvus 2.3.5 in a folder', () => servers().milvus, 4, inFolder],
  // Two renames at once fail in Milvus Lite 3.2.2: both write aliases.json.tmp.
  ['Milvus Lite in a folder', () => servers().lite, 1, inFolder],
  ['Milvus Lite in a bucket', () => servers().lite, 1, inBucket],
] as const)('a chain of a full and fourteen incrementals on %s', (_title, server, restoresAtOnce, where) => {
  const newRepository = where();

  test('every point restores to what the oracle read at that moment', async () => {
    const seed = process.env['MILVAULT_TEST_SEED'] ?? Math.random().toString(36).slice(2, 10);
    const prefix = ownPrefix();
    const repository = await newRepository();
    try {
      const points = await takeChain(server(), prefix, seed, repository);
      const left = points.entries();
      const lane = async (): Promise<void> => {
        for (const [number, point] of left) {
          const where = `MILVAULT_TEST_SEED=${seed}, point ${number} after ${point.step.did.join('; ')}`;
          expect(point.taken.backup.type, where).toBe(number === 0 ? 'full' : 'incremental');
          expect(await repository.verify(point.taken.backup.id, { level: 3 }), where).toMatchObject({ result: 'ok' });
          await proveByRestore(server(), repository, point, `__p${number}`, where);
        }
      };
      // All of them end before the collections are dropped, whichever failed.
      const ends = await Promise.allSettled(Array.from({ length: restoresAtOnce }, lane));
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    } finally {
      await dropShapes(server(), prefix);
    }
  }, 600_000);
});
