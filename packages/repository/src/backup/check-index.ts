import { collectionKey } from '@milvault/shared';
import { addContentSums, EMPTY_SUM } from '../format/fingerprint.ts';
import { parseKey, type BackupRef } from '../format/names.ts';
import type { ChunkEntry, CollectionIndex } from '../port.ts';
import { logsOf, vectorsOf } from './files.ts';
import { segmentsFault } from './check-segments.ts';
import { compareKeyTexts } from './keys.ts';

/** Whose index it is: the backup, and those whose files it may borrow. */
export type IndexOwner = BackupRef & { readonly refs: readonly string[] };

/**
 * What is wrong with the index of a collection by itself: asked before it is written and whenever it is read.
 * Every key in it is made anew from the ids, so that no index can point out of its backup and what that borrows from.
 */
export function indexFault(index: CollectionIndex, owner: IndexOwner): string | null {
  const type = keyType(index);
  if (type === null) return `it has no primary key ${JSON.stringify(index.primaryKey)} of type Int64 or VarChar`;
  const keys = keysFault(index, owner);
  if (index.segments !== undefined) return keys ?? segmentsFault(index, index.segments);
  return keys ?? totalsFault(index) ?? orderFault(index, owner, type);
}

function keysFault(index: CollectionIndex, owner: IndexOwner): string | null {
  const collKey = collectionKey(index.definition.database, index.definition.collection);
  const mayOwn = new Set([owner.backupId, ...owner.refs]);
  const isOurs = (key: string, kind: 'chunk' | 'log' | 'deletions'): boolean => {
    const name = parseKey(key);
    return (
      name?.kind === kind && name.sourceId === owner.sourceId && mayOwn.has(name.backupId) && name.collKey === collKey
    );
  };
  const seen = new Set<string>();
  const files = index.segments === undefined ? index.chunks : [...index.chunks, ...logsOf(index)];
  for (const { key } of files) {
    if (!isOurs(key, 'chunk') && !isOurs(key, 'log'))
      return `it lists ${JSON.stringify(key)}, which is no chunk of this collection`;
    if (seen.has(key)) return `it lists ${key} twice`;
    seen.add(key);
  }
  const vector = vectorsOf(index).find(({ key }) => !isOurs(key, 'deletions'));
  return vector === undefined ? null : `it lists ${JSON.stringify(vector.key)}, which marks no rows of this collection`;
}

export function keyType(index: Pick<CollectionIndex, 'definition' | 'primaryKey'>): 'Int64' | 'VarChar' | null {
  const field = index.definition.fields.find((one) => one.name === index.primaryKey);
  return field?.type === 'Int64' || field?.type === 'VarChar' ? field.type : null;
}

function totalsFault(index: CollectionIndex): string | null {
  for (const { key, rows, deletions } of index.chunks) {
    if (deletions !== undefined && deletions.fileRows <= rows) return `${key} has more rows left than its file holds`;
  }
  const rows = index.chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  if (rows !== index.rows) return `its chunks hold ${rows} rows and it says ${index.rows}`;
  const sum = addContentSums(EMPTY_SUM, ...index.chunks.map((chunk) => chunk.contentSum));
  return sum === index.contentSum ? null : 'the content sums of its chunks do not add up to its own';
}

/**
 * Within a partition the chunks rise by their first key. Those that the backup wrote never overlap each other; nor do any
 * where nothing is borrowed.
 */
function orderFault(index: CollectionIndex, owner: IndexOwner, type: 'Int64' | 'VarChar'): string | null {
  const last = new Map<string, ChunkEntry>();
  const lastOwn = new Map<string, ChunkEntry>();
  for (const chunk of index.chunks) {
    const digits = type === 'VarChar' || [chunk.keyMin, chunk.keyMax].every((text) => /^-?\d{1,20}$/.test(text));
    if (!digits) return `${chunk.key} has keys that are no numbers`;
    if (compareKeyTexts(type, chunk.keyMin, chunk.keyMax) > 0) return `${chunk.key} has its last key before its first`;
    const before = last.get(chunk.partition);
    if (before !== undefined && compareKeyTexts(type, before.keyMin, chunk.keyMin) > 0) {
      return `${chunk.key} does not come after the chunk before it in partition ${JSON.stringify(chunk.partition)}`;
    }
    last.set(chunk.partition, chunk);
    const name = parseKey(chunk.key);
    if (name === null || !('backupId' in name) || name.backupId !== owner.backupId) continue;
    const own = lastOwn.get(chunk.partition);
    if (own !== undefined && compareKeyTexts(type, own.keyMax, chunk.keyMin) >= 0) {
      return `${chunk.key} does not come after the chunk before it in partition ${JSON.stringify(chunk.partition)}`;
    }
    lastOwn.set(chunk.partition, chunk);
  }
  return null;
}
