import { initRepository, openStorage } from '@milvault/repository';
import { systemClock, type Backup } from '@milvault/shared';
import { describe, expect, test } from 'vitest';
import { ask } from '../../support/oracle/ask.ts';
import { rowsEngine } from '../../support/engine-case.ts';
import { takeBackup } from '../../support/engine-run.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { servers } from '../../support/servers.ts';
import { dropShapes, ownPrefix } from '../../support/shapes.ts';

const DIM = 256;
const ROW_BYTES = 8 + 4 * DIM;

describe.each([
  ['Milvus 2.3.5', () => servers().milvus, 20_000],
  ['Milvus Lite', () => servers().lite, 4_000],
] as const)('what an incremental stores of a collection on %s', (_title, server, rows) => {
  test('is little more than the rows that are new or changed, and next to nothing where nothing is', async () => {
    const prefix = ownPrefix();
    const collection = `${prefix}_growth`;
    const place = `${await temporaryFolder()}/repo`;
    const repository = await initRepository(place, { clock: systemClock });
    const storage = openStorage(place, systemClock);
    /** All that the backup wrote: files, marks, index, manifest, intent, decision. */
    const written = async ({ id, source }: Backup): Promise<number> => {
      let bytes = (await storage.stat(`slots/${source.id}/${id}.json`))?.size ?? 0;
      for await (const { size } of storage.list(`data/${source.id}/${id}/`)) bytes += size;
      return bytes;
    };
    const take = async (base: string | null): Promise<Backup> => {
      const request = { collections: [collection], base, prove: true };
      return (await takeBackup(rowsEngine(), server(), repository, request)).backup;
    };
    try {
      await ask('growth', ['make', server(), collection, String(rows), String(DIM)]);
      const full = await take(null);
      expect(full.rows).toBe(rows);

      await ask('growth', ['change', server(), collection, String(rows), String(DIM)]);
      const grown = await take(full.id);
      const [added, changed, deleted] = [rows * 0.01, rows * 0.005, rows * 0.005];
      expect(grown).toMatchObject({ type: 'incremental', rows: rows + added - deleted });
      expect(grown.collections).toMatchObject([{ changes: { added, changed, deleted } }]);
      expect(await written(grown)).toBeLessThanOrEqual(1.3 * (added + changed) * ROW_BYTES);

      const same = await take(grown.id);
      expect(same).toMatchObject({ type: 'incremental', rows: grown.rows, bytes: { own: 0 } });
      expect(await written(same)).toBeLessThan(100_000);
      expect(await repository.verify(same.id, { level: 3 })).toMatchObject({ result: 'ok', rows: grown.rows });
    } finally {
      await dropShapes(server(), prefix);
    }
  });
});
