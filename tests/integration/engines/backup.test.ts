import type { BackupPart, BackupPlan } from '@milvault/engines';
import type { BackupDraft, Repository } from '@milvault/repository';
import { fail } from '@milvault/shared';
import { expect, test } from 'vitest';
import { engineCase, insertKeys } from '../../support/engine-case.ts';
import { addressOf, beginDraft, contextOf, takeBackup } from '../../support/engine-run.ts';
import { servers } from '../../support/servers.ts';

const SHAPES = [
  'aliases',
  'consistency',
  'dynamic',
  'json',
  'scalars',
  'ttl',
  'two_vectors',
  'partitions',
  'int_keys',
  'empty',
];

for (const [title, server] of [
  ['Milvus 2.3.5', () => servers().milvus],
  ['Milvus Lite', () => servers().lite],
] as const) {
  const given = engineCase(server, SHAPES);
  const source = () => addressOf(server());
  const named = (name: string): string => given.ref(name).collection;

  const planned = async (...names: string[]): Promise<{ plan: BackupPlan; draft: BackupDraft; part: BackupPart }> => {
    const plan = await given.engine.planBackup(
      source(),
      given.repository,
      { collections: names.map(named) },
      contextOf(),
    );
    const draft = await beginDraft(given.repository, server(), plan);
    const [part] = plan.parts;
    if (part === undefined) throw new Error('the plan has no part');
    return { plan, draft, part };
  };
  const run = (draft: BackupDraft, part: BackupPart, fence = 'f1', repository: Repository = given.repository) =>
    given.engine.backupPart(source(), repository, draft, part, fence, contextOf());

  test(`${title}: what is not there is told by its name`, async () => {
    const plan = (...collections: string[]) =>
      given.engine.planBackup(source(), given.repository, { collections }, contextOf());
    await expect(plan(`${given.prefix}_nothing`)).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' });
    await expect(plan(`nosuch${given.prefix}.films`)).rejects.toMatchObject({ code: 'DATABASE_NOT_FOUND' });
  });

  test(`${title}: a collection dropped between plan and part is COLLECTION_CHANGED`, async () => {
    const { draft, part, plan } = await planned('json');
    await given.client.drop(given.ref('json'));
    await expect(run(draft, part)).rejects.toMatchObject({ code: 'COLLECTION_CHANGED' });
    await expect(
      given.engine.finishBackup(source(), given.repository, draft, { ...plan, parts: [] }, [], contextOf()),
    ).rejects.toMatchObject({
      code: 'COLLECTION_CHANGED',
    });
  });

  test(`${title}: a collection dropped and made again with other fields is COLLECTION_CHANGED`, async () => {
    const { draft, part } = await planned('scalars');
    const other = await given.client.describe(given.ref('consistency'));
    await given.client.drop(given.ref('scalars'));
    const again = { ...other, ...given.ref('scalars') };
    await given.client.createCollection(again, { autoId: 'plain' });
    for (const index of other.indexes) await given.client.createIndex(again, index);
    await given.client.load(again, null);
    await expect(run(draft, part)).rejects.toMatchObject({ code: 'COLLECTION_CHANGED' });
  });

  test(`${title}: a collection that is not loaded cannot be read, and inspect says so`, async () => {
    const { draft, part } = await planned('dynamic');
    await given.client.release(given.ref('dynamic'));
    await expect(run(draft, part)).rejects.toMatchObject({ code: 'COLLECTION_NOT_LOADED' });
    await expect(planned('dynamic')).rejects.toMatchObject({ code: 'COLLECTION_NOT_LOADED' });
    const inspection = await given.engine.inspect(source(), [named('dynamic')], contextOf());
    expect(inspection.collections[0]?.rows).toBeNull();
    expect(inspection.warnings.map((one) => one.code)).toContain('COLLECTION_NOT_LOADED');
  });

  test(`${title}: a full disk is told as a full disk`, async () => {
    const { draft, part } = await planned('int_keys');
    const full = fail('REPO_FULL');
    const broken: Repository = { ...given.repository, putChunk: () => Promise.reject(full) };
    await expect(run(draft, part, 'f1', broken)).rejects.toBe(full);
  });

  test(`${title}: a part done twice leaves one good backup, whichever try is taken`, async () => {
    const { plan, draft } = await planned('partitions');
    const tries = await Promise.all(
      plan.parts.flatMap((part) => [run(draft, part, 'first'), run(draft, part, 'second')]),
    );
    const taken = tries.filter((_, i) => i % 2 === 1);
    const input = await given.engine.finishBackup(source(), given.repository, draft, plan, taken, contextOf());
    const backup = await given.repository.commit(draft, input);
    expect(backup.rows).toBe(given.shape('partitions').rows);
    expect((await given.repository.verify(backup.id, { level: 3 })).result).toBe('ok');
    expect(tries).toEqual(tries.map((one) => ({ ...one, shadowed: 0 })));
  });

  test(`${title}: results that are not those of the plan are refused`, async () => {
    const { plan, draft } = await planned('partitions');
    await expect(
      given.engine.finishBackup(source(), given.repository, draft, plan, [], contextOf()),
    ).rejects.toMatchObject({
      code: 'PART_FAILED',
    });
  });

  test(`${title}: rows written meanwhile make it fuzzy, with the counts in a warning`, async () => {
    const { plan, draft } = await planned('aliases');
    const read = await Promise.all(plan.parts.map((part) => run(draft, part)));
    await insertKeys(given.client, await given.client.describe(given.ref('aliases')), [1000n, 1001n]);
    // As parts that read until now: the count is as new as their last page, and need not be newer.
    const readBy = await given.client.moment();
    const results = read.map((one) => ({ ...one, readBy }));
    const input = await given.engine.finishBackup(source(), given.repository, draft, plan, results, contextOf());
    expect(input.consistency).toBe('fuzzy');
    expect(input.collections[0]).toMatchObject({ rows: 3, counted: { before: 3, after: 5 }, shadowedDuplicates: 0 });
    expect(input.warnings.find((one) => one.code === 'CONSISTENCY_FUZZY')?.message).toContain(
      'before 3, after 5, saved 3',
    );
  });

  test(`${title}: rows that vanished without a trace in the counts fail the backup`, async () => {
    const { plan, draft } = await planned('int_keys');
    const [result, ...rest] = await Promise.all(plan.parts.map((part) => run(draft, part)));
    if (result === undefined) throw new Error('no result');
    const forged = { ...result, rows: result.rows - 1 };
    await expect(
      given.engine.finishBackup(source(), given.repository, draft, plan, [forged, ...rest], contextOf()),
    ).rejects.toMatchObject({
      code: 'ROW_COUNT_MISMATCH',
      details: { collection: named('int_keys') },
    });
  });

  test(`${title}: the caller's word that nothing writes is kept only while the counts agree`, async () => {
    const request = { collections: [named('consistency')], quiesced: true };
    const plan = await given.engine.planBackup(source(), given.repository, request, contextOf());
    const draft = await beginDraft(given.repository, server(), plan);
    const results = await Promise.all(plan.parts.map((part) => run(draft, part)));
    expect(
      (await given.engine.finishBackup(source(), given.repository, draft, plan, results, contextOf())).consistency,
    ).toBe('quiesced');
    await insertKeys(given.client, await given.client.describe(given.ref('consistency')), [2000n]);
    expect(
      (await given.engine.finishBackup(source(), given.repository, draft, plan, results, contextOf())).consistency,
    ).toBe('fuzzy');
  });

  test(`${title}: an empty collection is a backup of no rows`, async () => {
    const { input, backup } = await takeBackup(given.engine, server(), given.repository, {
      collections: [named('empty')],
    });
    expect(input.collections[0]).toMatchObject({ rows: 0, chunks: [], contentSum: '0'.repeat(32) });
    expect(backup.collections).toHaveLength(1);
  });

  test(`${title}: a run that is stopped ends with its reason`, async () => {
    const { draft, part } = await planned('ttl');
    const stop = new AbortController();
    stop.abort(new Error('stopped by a person'));
    const stopped = given.engine.backupPart(source(), given.repository, draft, part, 'f1', contextOf(stop.signal));
    await expect(stopped).rejects.toThrow('stopped by a person');
  });
}
