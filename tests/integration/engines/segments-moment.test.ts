import { createSegmentsEngine, type Engine } from '@milvault/engines';
import { expect, test } from 'vitest';
import { engineCase, insertKeys } from '../../support/engine-case.ts';
import { engineDeps, takeBackup } from '../../support/engine-run.ts';
import { milvusWithStorage } from '../../support/segments.ts';
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
