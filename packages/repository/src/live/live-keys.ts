import { fail } from '@milvault/shared';
import { keyType } from '../backup/check-index.ts';
import { parseKeyText } from '../backup/keys.ts';
import type { RepositoryContext } from '../context.ts';
import type { ChunkEntry, CollectionIndex, LiveKeys, LiveRange } from '../port.ts';
import { readChunkKeys } from './chunk-keys.ts';
import { toRawKey } from './raw-keys.ts';
import { walkLive } from './walk.ts';

/** {@link import('../port.ts').Repository.liveKeys} */
export function liveKeys(
  context: RepositoryContext,
  index: CollectionIndex,
  partition: string,
  range: LiveRange,
): LiveKeys {
  const type = keyType(index);
  if (type === null) throw fail('INTERNAL', { what: `An index has no primary key ${index.primaryKey}` });
  const raw = (text: string) => toRawKey(parseKeyText(type, text));
  const chunks = index.chunks.flatMap((entry, place) =>
    entry.partition === partition ? [{ place, entry, first: raw(entry.keyMin), last: raw(entry.keyMax) }] : [],
  );
  return walkLive(chunks, range, (entry: ChunkEntry) => readChunkKeys(context, type, entry));
}
