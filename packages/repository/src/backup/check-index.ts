import { collectionKey } from '@milvault/shared';
import { addContentSums, EMPTY_SUM } from '../format/fingerprint.ts';
import { parseKey, type BackupRef } from '../format/names.ts';
import type { ChunkEntry, CollectionIndex } from '../port.ts';
import { compareKeyTexts } from './keys.ts';

/**
 * What is wrong with the index of a collection by itself: asked before it is written and whenever it is read.
 * Every key in it is made anew from the ids, so that no index can point out of its backup.
 */
export function indexFault(index: CollectionIndex, ref: BackupRef): string | null {
  const type = keyType(index);
  if (type === null) return `it has no primary key ${JSON.stringify(index.primaryKey)} of type Int64 or VarChar`;
  const collKey = collectionKey(index.definition.database, index.definition.collection);
  const seen = new Set<string>();
  for (const chunk of index.chunks) {
    const name = parseKey(chunk.key);
    const own =
      name?.kind === 'chunk' &&
      name.sourceId === ref.sourceId &&
      name.backupId === ref.backupId &&
      name.collKey === collKey;
    if (!own) return `it lists ${JSON.stringify(chunk.key)}, which is no chunk of this collection`;
    if (seen.has(chunk.key)) return `it lists ${chunk.key} twice`;
    seen.add(chunk.key);
  }
  return totalsFault(index) ?? orderFault(index.chunks, type);
}

export function keyType(index: Pick<CollectionIndex, 'definition' | 'primaryKey'>): 'Int64' | 'VarChar' | null {
  const field = index.definition.fields.find((one) => one.name === index.primaryKey);
  return field?.type === 'Int64' || field?.type === 'VarChar' ? field.type : null;
}

function totalsFault(index: CollectionIndex): string | null {
  const rows = index.chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  if (rows !== index.rows) return `its chunks hold ${rows} rows and it says ${index.rows}`;
  const sum = addContentSums(EMPTY_SUM, ...index.chunks.map((chunk) => chunk.contentSum));
  return sum === index.contentSum ? null : 'the content sums of its chunks do not add up to its own';
}

/** Within a partition the chunks rise by key and never overlap. */
function orderFault(chunks: readonly ChunkEntry[], type: 'Int64' | 'VarChar'): string | null {
  const last = new Map<string, string>();
  for (const chunk of chunks) {
    const before = last.get(chunk.partition);
    const digits = type === 'VarChar' || [chunk.keyMin, chunk.keyMax].every((text) => /^-?\d{1,20}$/.test(text));
    if (!digits) return `${chunk.key} has keys that are no numbers`;
    if (compareKeyTexts(type, chunk.keyMin, chunk.keyMax) > 0) return `${chunk.key} has its last key before its first`;
    if (before !== undefined && compareKeyTexts(type, before, chunk.keyMin) >= 0) {
      return `${chunk.key} does not come after the chunk before it in partition ${JSON.stringify(chunk.partition)}`;
    }
    last.set(chunk.partition, chunk.keyMax);
  }
  return null;
}
