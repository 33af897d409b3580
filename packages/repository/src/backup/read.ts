import { fail, type RowBatch } from '@milvault/shared';
import { requireOwner, type RepositoryContext } from '../context.ts';
import { MAX_CHUNK_FILE_BYTES } from '../format/chunk-layout.ts';
import { decodeChunk, type DecodedChunk } from '../format/chunk-read.ts';
import { countMarks, decodeDeletions } from '../format/deletions.ts';
import { sha256 } from '../format/hash.ts';
import { damaged, decodeJson, MAX_INDEX_BYTES, readLimited } from '../format/json.ts';
import { makeKey, parseKey, type BackupRef } from '../format/names.ts';
import { pickRows, unmarkedRows } from '../format/pick-rows.ts';
import { IndexRecord, ManifestRecord, type CommittedSlot } from '../format/records.ts';
import type {
  ChunkEntry,
  CollectionIndex,
  DeletionVector,
  Manifest,
  ManifestCollection,
  SegmentFile,
} from '../port.ts';
import { indexFault } from './check-index.ts';
import { bytesOfIndex } from './files.ts';

/** Reads the manifest that a decision record names, and checks it against its hash. OBJECT_MISSING, OBJECT_DAMAGED. */
export async function readManifest(context: RepositoryContext, slot: CommittedSlot): Promise<ManifestRecord> {
  const ref = { sourceId: slot.sourceId, backupId: slot.backupId };
  const key = makeKey({ kind: 'manifest', ...ref, attempt: slot.attempt });
  if (slot.manifestKey !== key)
    throw damaged(makeKey({ kind: 'slot', ...ref }), 'it names a manifest that is not its own');
  const bytes = await readHashed(context, key, slot.manifestSize, slot.manifestSha256);
  const manifest = decodeJson(ManifestRecord, bytes, key);
  requireOwner(context, manifest, ref, key);
  const fault = manifestFault(manifest);
  if (fault !== null) throw damaged(key, fault);
  context.memo.manifests.set(key, manifest);
  return manifest;
}

/** Keys in a manifest are made anew from its ids, and its totals are those of its collections. */
export function manifestFault(manifest: ManifestRecord): string | null {
  let [rows, bytes] = [0, 0];
  const seen = new Set<string>();
  for (const ref of manifest.refs) if (ref >= manifest.backupId) return `it borrows from ${ref}, which is not older`;
  for (const one of manifest.collections) {
    const name = parseKey(one.indexKey);
    const own =
      name?.kind === 'index' &&
      name.sourceId === manifest.sourceId &&
      name.backupId === manifest.backupId &&
      name.collKey === one.collKey;
    if (!own) return `it lists ${JSON.stringify(one.indexKey)}, which is no index of this backup`;
    if (seen.has(one.indexKey)) return `it lists ${one.indexKey} twice`;
    seen.add(one.indexKey);
    rows += one.rows;
    bytes += one.ownBytes ?? one.bytes;
  }
  if (manifest.tool !== undefined) [rows, bytes] = [manifest.tool.rows ?? 0, manifest.tool.bytes ?? 0];
  if (rows !== manifest.rows || bytes !== manifest.ownBytes) return 'its totals are not those of its collections';
  return null;
}

/** The index of one collection, checked against the manifest. */
export async function readIndex(
  context: RepositoryContext,
  manifest: Pick<Manifest, 'sourceId' | 'backupId' | 'refs'>,
  entry: ManifestCollection,
): Promise<IndexRecord> {
  const ref: BackupRef = { sourceId: manifest.sourceId, backupId: manifest.backupId };
  const key = entry.indexKey;
  const bytes = await readHashed(context, key, null, entry.indexSha256);
  const index = decodeJson(IndexRecord, bytes, key);
  requireOwner(context, index, ref, key);
  const size = bytesOfIndex(index, ref);
  const agrees =
    index.definition.database === entry.database &&
    index.definition.collection === entry.collection &&
    index.collKey === entry.collKey &&
    index.rows === entry.rows &&
    index.contentSum === entry.contentSum &&
    size.total === entry.bytes &&
    size.own === (entry.ownBytes ?? entry.bytes);
  const owner = { ...ref, refs: manifest.refs };
  const fault = agrees ? indexFault(index, owner) : 'it does not agree with the manifest';
  if (fault !== null) throw damaged(key, fault);
  context.memo.indexes.set(key, index);
  return index;
}

/** The entry of one collection. COLLECTION_NOT_FOUND where the backup does not hold it. */
export function entryOf(manifest: Manifest, database: string, collection: string): ManifestCollection {
  const entry = manifest.collections.find((one) => one.database === database && one.collection === collection);
  if (entry !== undefined) return entry;
  throw fail('COLLECTION_NOT_FOUND', {
    what: `The backup ${manifest.name} does not hold the collection ${database}.${collection}`,
    next: 'Take a name from the list of its collections',
  });
}

/** The stored bytes of a chunk, checked against size and hash. */
export async function readChunkBytes(context: RepositoryContext, chunk: ChunkEntry): Promise<Uint8Array> {
  if (parseKey(chunk.key)?.kind !== 'chunk') throw damaged(JSON.stringify(chunk.key), 'it is no key of a chunk');
  return readHashed(context, chunk.key, chunk.size, chunk.sha256, MAX_CHUNK_FILE_BYTES);
}

/** Decodes checked bytes. OBJECT_DAMAGED where they are no chunk of this index. */
export function decodeStored(index: CollectionIndex, chunk: ChunkEntry, bytes: Uint8Array): DecodedChunk {
  let decoded: DecodedChunk;
  try {
    decoded = decodeChunk(bytes);
  } catch (error) {
    throw damaged(chunk.key, error instanceof Error ? error.message : String(error), error);
  }
  const { batch } = decoded;
  const rows = chunk.deletions?.fileRows ?? chunk.rows;
  if (batch.rows !== rows) throw damaged(chunk.key, `it holds ${batch.rows} rows instead of ${rows}`);
  if (batch.primaryKey !== index.primaryKey) throw damaged(chunk.key, 'it has another primary key than its collection');
  return decoded;
}

/** {@link import('../port.ts').Repository.readChunk} */
export async function readChunk(
  context: RepositoryContext,
  index: CollectionIndex,
  chunk: ChunkEntry,
): Promise<RowBatch> {
  const dead = await readDead(context, chunk);
  const { batch } = decodeStored(index, chunk, await readChunkBytes(context, chunk));
  return dead === null ? batch : pickRows(batch, unmarkedRows(dead, batch.rows));
}

/** No file of Milvus is larger: it writes some 16 to 64 MiB. */
export const MAX_LOG_BYTES = 512 * 1024 * 1024;

/** {@link import('../port.ts').Repository.readLog} */
export async function readLog(context: RepositoryContext, file: SegmentFile): Promise<Uint8Array> {
  if (parseKey(file.key)?.kind !== 'log') throw damaged(JSON.stringify(file.key), 'it is no key of a file of Milvus');
  return readHashed(context, file.key, file.size, file.sha256, MAX_LOG_BYTES);
}

/** The rows of a chunk's file that are no longer there; null where all are. OBJECT_MISSING, OBJECT_DAMAGED. */
export async function readDead(context: RepositoryContext, chunk: ChunkEntry): Promise<Uint8Array | null> {
  if (chunk.deletions === undefined) return null;
  const dead = await readDeletions(context, chunk.deletions);
  const left = chunk.deletions.fileRows - countMarks(dead);
  if (left === chunk.rows) return dead;
  throw damaged(chunk.deletions.key, `it leaves ${left} rows of ${chunk.key} instead of ${chunk.rows}`);
}

/** {@link import('../port.ts').Repository.readDeletions} */
export async function readDeletions(context: RepositoryContext, vector: DeletionVector): Promise<Uint8Array> {
  const { key, offset, size, fileRows } = vector;
  if (parseKey(key)?.kind !== 'deletions') throw damaged(JSON.stringify(key), 'it is no key of deletions');
  const frame = await context.driver.getRange(key, offset, size);
  if (frame.length !== size || sha256(frame) !== vector.sha256) {
    throw damaged(key, `bytes ${offset} to ${offset + size} do not have the hash that is noted for them`);
  }
  try {
    return decodeDeletions(frame, fileRows);
  } catch (error) {
    throw damaged(key, error instanceof Error ? error.message : String(error), error);
  }
}

async function readHashed(
  context: RepositoryContext,
  key: string,
  size: number | null,
  hash: string,
  limit = MAX_INDEX_BYTES,
): Promise<Uint8Array> {
  if (size !== null && size > limit)
    throw damaged(key, `${size} bytes are noted for it, which is more than there may be`);
  const bytes = await readLimited(context.driver, key, size ?? limit);
  if (size !== null && bytes.length !== size) throw damaged(key, `it has ${bytes.length} bytes instead of ${size}`);
  if (sha256(bytes) !== hash) throw damaged(key, 'its bytes do not have the hash that is noted for them');
  return bytes;
}
