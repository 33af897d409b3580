import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine, EngineSource, Inspection } from '@milvault/engines';
import { createMilvusClient, type MilvusClient } from '@milvault/milvus';
import { initRepository, type Repository } from '@milvault/repository';
import { systemClock, type Consistency } from '@milvault/shared';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressOf, contextOf, restoreBackup, takeBackup, type Taken } from '../support/engine-run.ts';
import { dropShapes, dumpAll, makeShapes, ownPrefix, type Dump, type Shape } from '../support/shapes.ts';

export interface EngineCase {
  readonly engine: () => Engine;
  readonly server: () => string;
  /** What the engine is given of the server, and what else it needs started; default: its address alone. */
  readonly open?: () => Promise<OpenSource>;
  /** Shapes that this server must serve: a test of nothing must not pass. */
  readonly shapes: readonly string[];
  /** Shapes with rows that this server counts and gives to nobody, or that the tool does not take. */
  readonly left: readonly string[];
  /** What the restored collection may differ in, by the oracle's eyes: each with a warning of the engine. */
  readonly allowed: (shape: string, dump: Dump) => Dump;
  /** Who keeps the data and says whether it is well, as reports name it; default: milvault itself, which reads it. */
  readonly keeper?: string;
  /** Why `auto` would not take it for this source; default: null, it would. */
  readonly serves?: string;
  /** What a backup of a source at rest is worth as one point in time. */
  readonly consistency: Consistency;
  /** Default: that it can. */
  readonly restores?: boolean;
}

export interface OpenSource {
  readonly source: EngineSource;
  readonly close: () => Promise<void>;
}

const named = (shape: Shape): string => `${shape.database}.${shape.collection}`;
const SUFFIX = '_r';
const restored = (shape: Shape) => ({ database: shape.database, collection: shape.collection + SUFFIX });

/** What every engine must do on every server that it is made for: the rows and all else come back as they were. */
export function engineBattery(title: string, given: EngineCase): void {
  const { keeper = null, restores = true } = given;
  describe(title, () => {
    const prefix = ownPrefix();
    let folder: string;
    let repository: Repository;
    let opened: OpenSource;
    let shapes: readonly Shape[];
    let taken: Taken;
    let inspection: Inspection;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'milvault-engine-'));
      repository = await initRepository(folder, { clock: systemClock });
      const address = { source: addressOf(given.server()), close: () => Promise.resolve() };
      opened = (await given.open?.()) ?? address;
      const made = (await makeShapes(given.server(), prefix)).shapes;
      shapes = made.filter((shape) => !given.left.includes(shape.name));
      inspection = await given.engine().inspect(opened.source, shapes.map(named), contextOf());
      taken = await takeBackup(given.engine(), opened.source, repository, { collections: shapes.map(named) });
    }, 300_000);

    afterAll(async () => {
      await opened.close();
      await dropShapes(given.server(), prefix);
      await rm(folder, { recursive: true, force: true });
    });

    const client = async <T>(ask: (client: MilvusClient) => Promise<T>): Promise<T> => {
      const connected = createMilvusClient(addressOf(given.server()), { clock: systemClock });
      return ask(connected).finally(() => connected.close());
    };

    test('the server serves every shape that it is known for', () => {
      expect(shapes.map((shape) => shape.name)).toEqual(expect.arrayContaining([...given.shapes]));
    });

    test('it knows whether it is made for this source', async () => {
      expect(await given.engine().serves(opened.source, contextOf())).toEqual(given.serves ?? null);
    });

    test('the backup counts its rows, and says nothing of duplicates or writes', () => {
      expect(taken.backup.rows).toBe(shapes.reduce((sum, shape) => sum + shape.rows, 0));
      expect(taken.backup.tool?.unknown ?? []).not.toContain('rows');
      const codes = taken.backup.warnings.map((one) => one.code);
      expect(codes).not.toContain('SHADOWED_DUPLICATES');
      expect(codes).not.toContain('CONSISTENCY_FUZZY');
    });

    test('what is not saved is said before the backup as in it', () => {
      expect(inspection.collections).toHaveLength(shapes.length);
      expect(taken.backup.warnings).toEqual(expect.arrayContaining([...inspection.warnings]));
    });

    test('a check of every byte is one, or says whose word it is instead', async () => {
      const report = await given.engine().verify(repository, taken.backup.id, { level: 3 }, contextOf());
      expect(report).toMatchObject({ result: 'ok', damages: [], rows: taken.backup.rows, level: keeper ? 0 : 3 });
      expect(report.by ?? null).toEqual(keeper === null ? null : expect.stringContaining(keeper));
      const codes = taken.backup.warnings.map((one) => one.code);
      expect(codes.includes('TOOL_KEEPS_DATA')).toBe(keeper !== null);
    });

    test('it promises the point in time that it can prove, and no better one', () => {
      expect(taken.backup.consistency).toBe(given.consistency);
    });

    if (restores) restoreBattery();
    else refusalBattery();

    test('nothing is left under staging names', async () => {
      const names = await client((it) => it.collections('default'));
      expect(names.filter((name) => name.startsWith(prefix) && name.includes('__milvault_'))).toEqual([]);
    });

    function restoreBattery(): void {
      let before: Dump[];
      let after: Dump[];

      beforeAll(async () => {
        before = await dumpAll(given.server(), shapes);
        // Aliases can belong to one collection only: the originals give theirs up for the comparison.
        await dropAliases(given.server(), shapes);
        await restoreBackup(given.engine(), opened.source, repository, taken.manifest, {
          suffix: SUFFIX,
          aliases: true,
        });
        after = await dumpAll(given.server(), shapes.map(restored));
      }, 300_000);

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
    }

    function refusalBattery(): void {
      test('says that it restores nothing, and refuses before anything is touched', async () => {
        expect(given.engine().abilities.lacks).toContain('restore');
        const names = await client((it) => it.collections('default'));
        const refused = restoreBackup(given.engine(), opened.source, repository, taken.manifest, { suffix: SUFFIX });
        await expect(refused).rejects.toMatchObject({ code: 'OPTION_UNSUPPORTED' });
        expect(await client((it) => it.collections('default'))).toEqual(names);
      });
    }
  });
}

async function dropAliases(server: string, shapes: readonly Shape[]): Promise<void> {
  const shape = shapes.find((one) => one.name === 'aliases');
  if (shape !== undefined) await dropShapes(server, named(shape).slice('default.'.length));
}
