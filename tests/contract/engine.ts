import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine, EngineSource, Inspection } from '@milvault/engines';
import { createMilvusClient } from '@milvault/milvus';
import { initRepository, type Repository } from '@milvault/repository';
import { systemClock } from '@milvault/shared';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressOf, contextOf, restoreBackup, takeBackup, type Taken } from '../support/engine-run.ts';
import { dropShapes, dumpAll, makeShapes, ownPrefix, type Dump, type Shape } from '../support/shapes.ts';

export interface EngineCase {
  readonly engine: () => Engine;
  readonly server: () => string;
  /** What the engine is given of the server; default: its address. */
  readonly source?: () => EngineSource;
  /** Shapes that this server must serve: a test of nothing must not pass. */
  readonly shapes: readonly string[];
  /** Shapes with rows that this server counts and gives to nobody. */
  readonly unreadable: readonly string[];
  /** What the restored collection may differ in, by the oracle's eyes: each with a warning of the engine. */
  readonly allowed: (shape: string, dump: Dump) => Dump;
}

const named = (shape: Shape): string => `${shape.database}.${shape.collection}`;
const SUFFIX = '_r';
const restored = (shape: Shape) => ({ database: shape.database, collection: shape.collection + SUFFIX });

/** What every engine must do on every server that it is made for: the rows and all else come back as they were. */
export function engineBattery(title: string, given: EngineCase): void {
  describe(title, () => {
    const prefix = ownPrefix();
    let folder: string;
    let repository: Repository;
    let shapes: readonly Shape[];
    let before: Dump[];
    let after: Dump[];
    let taken: Taken;
    let inspection: Inspection;

    const source = (): EngineSource => given.source?.() ?? addressOf(given.server());

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'milvault-engine-'));
      repository = await initRepository(folder, { clock: systemClock });
      const made = (await makeShapes(given.server(), prefix)).shapes;
      shapes = made.filter((shape) => !given.unreadable.includes(shape.name));
      inspection = await given.engine().inspect(source(), shapes.map(named), contextOf());
      before = await dumpAll(given.server(), shapes);
      taken = await takeBackup(given.engine(), source(), repository, { collections: shapes.map(named) });
      // Aliases can belong to one collection only: the originals give theirs up for the comparison.
      await dropAliases(given.server(), shapes);
      await restoreBackup(given.engine(), source(), repository, taken.manifest, {
        suffix: SUFFIX,
        aliases: true,
      });
      after = await dumpAll(given.server(), shapes.map(restored));
    }, 300_000);

    afterAll(async () => {
      await dropShapes(given.server(), prefix);
      await rm(folder, { recursive: true, force: true });
    });

    test('the server serves every shape that it is known for', () => {
      expect(shapes.map((shape) => shape.name)).toEqual(expect.arrayContaining([...given.shapes]));
    });

    test('every field of every row comes back, read by another client', () => {
      for (const [i, shape] of shapes.entries()) {
        expect(before[i]?.rows.length, shape.name).toBe(shape.rows);
        expect(after[i]?.rows, shape.name).toEqual(before[i]?.rows);
      }
    });

    test.each([
      'fields',
      'description',
      'dynamic',
      'autoId',
      'consistency',
      'properties',
      'shards',
      'aliases',
      'partitions',
      'indexes',
      'loaded',
    ] as const)('%s come back', (what) => {
      for (const [i, shape] of shapes.entries()) {
        const [was, is] = [before[i]!, after[i]!];
        expect(is[what], shape.name).toEqual(given.allowed(shape.name, was)[what]);
      }
    });

    test('the backup counts its rows, and says nothing of duplicates or writes', () => {
      expect(taken.backup.rows).toBe(shapes.reduce((sum, shape) => sum + shape.rows, 0));
      const codes = taken.backup.warnings.map((one) => one.code);
      expect(codes).not.toContain('SHADOWED_DUPLICATES');
      expect(codes).not.toContain('CONSISTENCY_FUZZY');
    });

    test('what is not saved is said before the backup as in it', () => {
      expect(inspection.collections).toHaveLength(shapes.length);
      expect(taken.backup.warnings).toEqual(expect.arrayContaining([...inspection.warnings]));
    });

    test('every chunk decodes to what was saved', async () => {
      const report = await repository.verify(taken.backup.id, { level: 3 });
      expect(report).toMatchObject({ result: 'ok', damages: [], rows: taken.backup.rows });
    });

    test('nothing is left under staging names', async () => {
      const client = createMilvusClient(addressOf(given.server()), { clock: systemClock });
      try {
        const names = await client.collections('default');
        expect(names.filter((name) => name.startsWith(prefix) && name.includes('__milvault_'))).toEqual([]);
      } finally {
        client.close();
      }
    });
  });
}

async function dropAliases(server: string, shapes: readonly Shape[]): Promise<void> {
  const shape = shapes.find((one) => one.name === 'aliases');
  if (shape !== undefined) await dropShapes(server, named(shape).slice('default.'.length));
}
