import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createSegmentsEngine, type Engine } from '@milvault/engines';
import { expect, test } from 'vitest';
import { engineCase, insertKeys } from '../../support/engine-case.ts';
import { engineDeps, takeBackup } from '../../support/engine-run.ts';
import { ask } from '../../support/oracle/ask.ts';
import { copiedStorage, milvusWithStorage } from '../../support/segments.ts';
import { servers } from '../../support/servers.ts';

const given = engineCase(() => servers().milvus, ['consistency']);

/** An engine whose source is written to at the last instant before Milvus is asked for its time. */
function lastInstant(write: () => Promise<void>): Engine {
  return createSegmentsEngine({
    ...engineDeps,
    connect: (address) => {
      const client = engineDeps.connect(address);
      let asked = false;
      return {
        ...client,
        moment: async (signal) => {
          if (!asked) await write();
          asked = true;
          return client.moment(signal);
        },
      };
    },
  });
}

test('a write that was acknowledged before the moment of a backup is in it, however little before', async () => {
  const definition = await given.client.describe(given.ref('consistency'));
  const { rows, collection } = given.shape('consistency');
  for (const turn of [1, 2, 3, 4]) {
    const engine = lastInstant(() =>
      insertKeys(given.client, definition, [9000n + BigInt(turn)]).then(() => undefined),
    );
    const { backup } = await takeBackup(engine, milvusWithStorage(), given.repository, { collections: [collection] });
    expect(backup).toMatchObject({ rows: rows + turn, consistency: 'pinned' });
  }
});

/** An engine of a Milvus that says after its first flush that all is flushed, and writes deletions by the second only. */
function owing(deletions: () => Promise<void>): Engine {
  let flushes = 0;
  return createSegmentsEngine({
    ...engineDeps,
    connect: (address) => ({
      ...engineDeps.connect(address),
      flush: async () => {
        flushes += 1;
        if (flushes === 2) await deletions();
      },
    }),
  });
}

test('deletions that a flush owed are in the backup', async () => {
  const collection = `${given.prefix}_owed`;
  await ask('growth', ['make', servers().milvus, collection, '4000', '64']);
  await given.client.flush({ database: 'default', collection });
  await ask('growth', ['change', servers().milvus, collection, '4000', '64']);
  await given.client.flush({ database: 'default', collection });
  const { source, folder, id } = await copiedStorage(given.client, collection);
  const [written, owed] = [join(folder, 'delta_log', id), join(folder, 'owed')];
  await rename(written, owed);
  const engine = owing(() => rename(owed, written));
  const { backup } = await takeBackup(engine, source, given.repository, { collections: [collection] });
  expect(backup).toMatchObject({ rows: 4000 + 40 - 20, consistency: 'pinned' });
});
