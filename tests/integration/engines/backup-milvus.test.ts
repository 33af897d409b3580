import { expect, test } from 'vitest';
import { engineCase, insertKeys } from '../../support/engine-case.ts';
import { addressOf, contextOf, takeBackup } from '../../support/engine-run.ts';
import { servers } from '../../support/servers.ts';

const server = () => servers().milvus;
const given = engineCase(server, ['int_max', 'consistency', 'partitions']);
const named = (name: string): string => given.ref(name).collection;

test('rows hidden by a newer row with the same key are counted and told, and the newest is saved', async () => {
  const definition = await given.client.describe(given.ref('consistency'));
  await insertKeys(given.client, definition, [0n, 1n]);
  await insertKeys(given.client, definition, [1n]);
  const { input, backup } = await takeBackup(given.engine, server(), given.repository, {
    collections: [named('consistency')],
  });
  expect(input.collections[0]).toMatchObject({ rows: 3, counted: { before: 6, after: 6 }, shadowedDuplicates: 3 });
  expect(backup.warnings.find((one) => one.code === 'SHADOWED_DUPLICATES')?.message).toContain('3 hidden rows');
});

test('a row that Milvus counts and gives to nobody fails the backup and is named', async () => {
  const taking = takeBackup(given.engine, server(), given.repository, { collections: [named('int_max')] });
  await expect(taking).rejects.toMatchObject({ code: 'ROW_COUNT_MISMATCH', details: { key: '9223372036854775807' } });
});

test('a partition that is not loaded is told, not left out', async () => {
  const ref = given.ref('partitions');
  await given.client.release(ref);
  await given.client.load(ref, ['europe']);
  const plan = given.engine.planBackup(
    addressOf(server()),
    given.repository,
    { collections: [named('partitions')] },
    contextOf(),
  );
  await expect(plan).rejects.toMatchObject({ code: 'COLLECTION_NOT_LOADED' });
  const inspection = await given.engine.inspect(addressOf(server()), [named('partitions')], contextOf());
  expect(inspection.warnings.map((one) => one.code)).toContain('PARTITION_NOT_LOADED');
});

test('a moment of the server makes every row seen that was acknowledged before it', async () => {
  const definition = await given.client.describe(given.ref('consistency'));
  for (let i = 0; i < 10; i++) {
    const key = 5000n + BigInt(i);
    await insertKeys(given.client, definition, [key]);
    const moment = await given.client.moment();
    expect(moment).toMatch(/^\d+$/);
    const page = await given.client.read({
      definition,
      partition: '_default',
      range: { after: key - 1n, upTo: key },
      moment,
      signal: new AbortController().signal,
    });
    expect(page.batch.rows).toBe(1);
  }
});
