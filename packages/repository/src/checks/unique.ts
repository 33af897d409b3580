import { keyType } from '../backup/check-index.ts';
import { parseKeyText } from '../backup/keys.ts';
import type { RepositoryContext } from '../context.ts';
import { damaged } from '../format/json.ts';
import type { IndexRecord } from '../format/records.ts';
import { liveKeys } from '../live/live-keys.ts';
import { compareRawKeys, toRawKey } from '../live/raw-keys.ts';
import type { RawKey } from '../port.ts';

/** Level 3, where chunks may overlap: no key is there twice. OBJECT_DAMAGED names the index. */
export async function checkUnique(context: RepositoryContext, index: IndexRecord, indexKey: string): Promise<void> {
  const type = keyType(index) ?? 'Int64';
  for (const partition of new Set(index.chunks.map((chunk) => chunk.partition))) {
    const firsts = index.chunks
      .filter((chunk) => chunk.partition === partition)
      .map((chunk) => toRawKey(parseKeyText(type, chunk.keyMin)));
    const walk = liveKeys(context, index, partition, { after: null, upTo: null });
    let last: RawKey | null = null;
    for (const [i, first] of firsts.entries()) {
      await walk.load(first);
      const bound = firsts[i + 1];
      for (let row = walk.smallest(); row !== null; row = walk.smallest()) {
        // Rows beyond belong between those of a chunk that is not loaded yet.
        if (bound !== undefined && compareRawKeys(row.key, bound) >= 0) break;
        if (last !== null && compareRawKeys(last, row.key) >= 0) {
          throw damaged(indexKey, `two chunks of partition ${JSON.stringify(partition)} hold a row with one key`);
        }
        last = row.key;
        walk.pass();
      }
    }
  }
}
