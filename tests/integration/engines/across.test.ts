import { expect, test } from 'vitest';
import { engineCase } from '../../support/engine-case.ts';
import { addressOf, contextOf, restoreBackup, takeBackup } from '../../support/engine-run.ts';
import { servers } from '../../support/servers.ts';
import { dropShapes, dumpAll } from '../../support/shapes.ts';

const BOTH = ['text_keys', 'partitions', 'index_hnsw'];

const milvus = engineCase(() => servers().milvus, [...BOTH, 'float16']);
const lite = engineCase(() => servers().lite, [...BOTH, 'nulls', 'sparse']);

for (const [title, from, fromServer, toServer] of [
  ['from Milvus 2.3.5 to Milvus Lite', milvus, () => servers().milvus, () => servers().lite],
  ['from Milvus Lite to Milvus 2.3.5', lite, () => servers().lite, () => servers().milvus],
] as const) {
  test(`rows travel ${title}`, async () => {
    const refs = BOTH.map((name) => from.ref(name));
    const { manifest } = await takeBackup(from.engine, fromServer(), from.repository, {
      collections: refs.map((ref) => ref.collection),
    });
    try {
      await restoreBackup(from.engine, toServer(), from.repository, manifest, {});
      const before = await dumpAll(fromServer(), refs);
      const after = await dumpAll(
        toServer(),
        refs.map((ref) => ({ ...ref, collection: `${ref.collection}_restored` })),
      );
      for (const [i, name] of BOTH.entries()) expect(after[i]?.rows, name).toEqual(before[i]?.rows);
    } finally {
      await dropShapes(toServer(), from.prefix);
    }
  });
}

test.each([
  ['float16', milvus, () => servers().milvus, () => servers().lite],
  ['nulls', lite, () => servers().lite, () => servers().milvus],
  ['sparse', lite, () => servers().lite, () => servers().milvus],
] as const)(
  '%s is refused by a target that cannot hold it, and nothing is left there',
  async (name, from, source, target) => {
    const { manifest } = await takeBackup(from.engine, source(), from.repository, {
      collections: [from.ref(name).collection],
    });
    const request = { collections: [], partitions: [], suffix: null, rename: {}, aliases: false };
    const [at, context] = [addressOf(target()), contextOf()];
    const plan = await from.engine.planRestore(at, from.repository, manifest, request, context);
    const beginning = from.engine.beginRestore(at, from.repository, plan, context);
    await expect(beginning).rejects.toMatchObject({ code: 'TARGET_UNSUPPORTED' });
    await from.engine.abandonRestore(at, plan, context);
    const there = from === milvus ? lite : milvus;
    expect((await there.client.collections('default')).filter((one) => one.startsWith(from.prefix))).toEqual([]);
  },
);
