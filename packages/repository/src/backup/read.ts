import { fail, type RowBatch } from '@milvault/shared';
import { requireOwner, type RepositoryContext } from '../context.ts';
import { MAX_CHUNK_FILE_BYTES } from '../format/chunk-layout.ts';
import { decodeChunk, type DecodedChunk } from '../format/chunk-read.ts';
import { sha256 } from '../format/hash.ts';
import { damaged, decodeJson, MAX_INDEX_BYTES, readLimited } from '../format/json.ts';
import { makeKey, parseKey, type BackupRef } from '../format/names.ts';
import { IndexRecord, ManifestRecord, type CommittedSlot } from '../format/records.ts';
import type { ChunkEntry, CollectionIndex, Manifest, ManifestCollection } from '../port.ts';
import { indexFault } from './check-index.ts';

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
function manifestFault(manifest: ManifestRecord): string | null {
  let [rows, bytes] = [0, 0];
  const seen = new Set<string>();
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
    bytes += one.bytes;
  }
  if (rows !== manifest.rows || bytes !== manifest.ownBytes) return 'its totals are not those of its collections';
  return null;
}

/** The index of one collection, checked against the manifest. */
export async function readIndex(
  context: RepositoryContext,
  manifest: Pick<Manifest, 'sourceId' | 'backupId'>,
  entry: ManifestCollection,
): Promise<IndexRecord> {
  const ref: BackupRef = { sourceId: manifest.sourceId, backupId: manifest.backupId };
  const key = entry.indexKey;
  const bytes = await readHashed(context, key, null, entry.indexSha256);
  const index = decodeJson(IndexRecord, bytes, key);
  requireOwner(context, index, ref, key);
  const size = index.chunks.reduce((sum, chunk) => sum + chunk.size, 0);
  const agrees =
    index.definition.database === entry.database &&
    index.definition.collection === entry.collection &&
    index.collKey === entry.collKey &&
    index.rows === entry.rows &&
    index.contentSum === entry.contentSum &&
    size === entry.bytes;
  const fault = agrees ? indexFault(index, ref) : 'it does not agree with the manifest';
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
  if (batch.rows !== chunk.rows) throw damaged(chunk.key, `it holds ${batch.rows} rows instead of ${chunk.rows}`);
  if (batch.primaryKey !== index.primaryKey) throw damaged(chunk.key, 'it has another primary key than its collection');
  return decoded;
}

/** {@link import('../port.ts').Repository.readChunk} */
export async function readChunk(
  context: RepositoryContext,
  index: CollectionIndex,
  chunk: ChunkEntry,
): Promise<RowBatch> {
  return decodeStored(index, chunk, await readChunkBytes(context, chunk)).batch;
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
