import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createSegmentsEngine, type Engine, type EngineSource } from '@milvault/engines';
import type { MilvusClient } from '@milvault/milvus';
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

/**
 * An engine of a Milvus that says after each flush that all is flushed, and writes deletions with a later one only. Its list
 * of segments stays as it was when its files were copied: what the real one merges meanwhile is not in the copy.
 */
function owing(flush: number, deletions: () => Promise<void>): Engine {
  let flushes = 0;
  let listed: ReturnType<MilvusClient['persistentSegments']> | undefined;
  return createSegmentsEngine({
    ...engineDeps,
    connect: (address) => {
      const client = engineDeps.connect(address);
      return {
        ...client,
        persistentSegments: (ref, signal) => (listed ??= client.persistentSegments(ref, signal)),
        flush: async () => {
          flushes += 1;
          if (flushes === flush) await deletions();
        },
      };
    },
  });
}

interface Owed {
  readonly collection: string;
  readonly source: EngineSource;
  /** Puts the deletions into the storage. */
  readonly write: () => Promise<void>;
}

/** A collection of 4,020 rows, and a copy of its files that lacks the deletions: it holds 4,040. */
async function owed(name: string): Promise<Owed> {
  const collection = `${given.prefix}_${name}`;
  await ask('growth', ['make', servers().milvus, collection, '4000', '64']);
  await given.client.flush({ database: 'default', collection });
  await ask('growth', ['change', servers().milvus, collection, '4000', '64']);
  const { source, folder, id } = await copiedStorage(given.client, collection);
  const [written, aside] = [join(folder, 'delta_log', id), join(folder, 'owed')];
  await rename(written, aside);
  return { collection, source, write: () => rename(aside, written) };
}

test.each([
  ['by the second flush', 2],
  ['when all was looked at once', 4],
])('deletions that a flush owed are in the backup: they come %s', async (_, flush) => {
  const { collection, source, write } = await owed(`owed_${String(flush)}`);
  const engine = owing(flush, write);
  const { backup } = await takeBackup(engine, source, given.repository, { collections: [collection] });
  expect(backup).toMatchObject({ rows: 4000 + 40 - 20, consistency: 'pinned' });
});

test('where they never come the backup says that Milvus counts other rows than its files hold', async () => {
  const { collection, source, write } = await owed('never');
  const engine = owing(99, write);
  const { backup } = await takeBackup(engine, source, given.repository, { collections: [collection] });
  expect(backup).toMatchObject({ consistency: 'fuzzy' });
  const [fuzzy] = backup.warnings.filter(({ code }) => code === 'CONSISTENCY_FUZZY');
  expect(fuzzy?.message).toMatch(/Milvus counts 4020 rows, and its files hold 40\d\d/);
});
