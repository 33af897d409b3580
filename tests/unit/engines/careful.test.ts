import { systemClock } from '@milvault/shared';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keysOf } from '../../../packages/engines/src/rows/batches.ts';
import { readCarefully } from '../../../packages/engines/src/rows/read/careful.ts';
import { createLane } from '../../../packages/engines/src/rows/read/lane.ts';
import { createTuner, MILVUS_LIMITS } from '../../../packages/engines/src/rows/read/tune.ts';
import { definition, memoryServer } from './memory-client.ts';

test('every key comes once, and every copy of a key is counted as hidden', async () => {
  const copies = fc.record({ key: fc.bigInt({ min: -500n, max: 500n }), copies: fc.integer({ min: 1, max: 20_000 }) });
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(copies, { selector: (one) => one.key, maxLength: 12 }), async (groups) => {
      const sorted = [...groups].sort((a, b) => (a.key < b.key ? -1 : 1));
      const server = memoryServer(
        sorted.flatMap(({ key, copies: n }) => Array.from({ length: n }, () => key)),
        1,
        1e9,
      );
      const lane = createLane({ budgetBytes: 1e9, tuner: createTuner(MILVUS_LIMITS), clock: systemClock });
      const { signal } = new AbortController();
      const source = { client: server.client, lane, definition, partition: null, moment: null, signal };
      const keys: unknown[] = [];
      let shadowed = 0;
      const plan = { after: null, upTo: null, bounds: [0n], rowsExpected: 100, rowBytes: 10 };
      for await (const page of readCarefully(source, plan)) {
        keys.push(...keysOf(page.batch));
        shadowed += page.shadowed;
      }
      expect(keys).toEqual(sorted.map((one) => one.key));
      expect(shadowed).toBe(sorted.reduce((sum, one) => sum + one.copies - 1, 0));
    }),
    { numRuns: 8 },
  );
});
