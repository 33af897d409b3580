import {
  backupName,
  collectionKey,
  fail,
  newId,
  newIdAfter,
  type CollectionDefinition,
  type RowBatch,
} from '@milvault/shared';
import { owner, requireSameRepository, type RepositoryContext } from '../context.ts';
import { chunkFault } from '../format/chunk-check.ts';
import { encodeChunk } from '../format/chunk-write.ts';
import { decodeDeletions, encodeDeletions } from '../format/deletions.ts';
import { contentSum, fingerprints } from '../format/fingerprint.ts';
import { sha256 } from '../format/hash.ts';
import { encodeSealed } from '../format/json.ts';
import { makeKey } from '../format/names.ts';
import { IntentRecord } from '../format/records.ts';
import type {
  BackupDraft,
  ChunkEntry,
  ChunkInput,
  DeletionVector,
  DraftInput,
  LogInput,
  SegmentFile,
} from '../port.ts';
import { firstUnordered, keyColumn, keyText } from './keys.ts';
import { pinBase } from './pins.ts';

/** {@link import('../port.ts').Repository.begin} */
export async function begin(context: RepositoryContext, input: DraftInput): Promise<BackupDraft> {
  await requireSameRepository(context);
  const startedAt = input.startedAt ?? context.clock.now();
  const base = input.base ?? null;
  const draft: BackupDraft = {
    // What is borrowed from has an earlier id: clean-ups go by that, and readers insist on it.
    backupId: base === null ? newId(context.clock) : newIdAfter(context.clock, base),
    name: input.name ?? backupName(input.type, startedAt),
    type: input.type,
    sourceId: input.sourceId,
    sourceAddress: input.sourceAddress,
    serverVersion: input.serverVersion,
    plan: input.plan,
    note: input.note,
    startedAt,
    base,
  };
  // Before the intent: a base that cannot be had leaves nothing behind.
  if (draft.base !== null) await pinBase(context, draft, draft.base);
  const record: IntentRecord = { ...owner(context, draft), ...draft };
  await context.driver.put(makeKey({ kind: 'intent', ...draft }), encodeSealed(IntentRecord, record));
  return draft;
}

/** {@link import('../port.ts').Repository.putChunk} */
export async function putChunk(context: RepositoryContext, draft: BackupDraft, input: ChunkInput): Promise<ChunkEntry> {
  const { batch, definition } = input;
  const keys = keyColumn(batch);
  const unordered = firstUnordered(keys);
  if (batch.rows === 0 || unordered !== null) {
    throw fail('INTERNAL', {
      what: `Rows of ${definition.database}.${definition.collection} are not fit for a chunk`,
      expected: 'at least one row, in strictly rising key order',
      got: unordered === null ? 'no row' : `key ${JSON.stringify(keyText(keys, unordered))} out of order`,
    });
  }
  const key = makeKey({
    kind: 'chunk',
    sourceId: draft.sourceId,
    backupId: draft.backupId,
    collKey: collectionKey(definition.database, definition.collection),
    seq: input.seq,
    fence: input.fence,
  });
  const prints = fingerprints(batch);
  const bytes = encodeChecked(batch, prints, key);
  await context.driver.put(key, bytes);
  return {
    key,
    size: bytes.length,
    sha256: sha256(bytes),
    rows: batch.rows,
    partition: input.partition,
    keyMin: keyText(keys, 0),
    keyMax: keyText(keys, batch.rows - 1),
    contentSum: contentSum(prints),
  };
}

/** {@link import('../port.ts').Repository.putLog} */
export async function putLog(
  context: RepositoryContext,
  { sourceId, backupId }: BackupDraft,
  { definition, seq, fence, bytes }: LogInput,
): Promise<Pick<SegmentFile, 'key' | 'size' | 'sha256'>> {
  const collKey = collectionKey(definition.database, definition.collection);
  const key = makeKey({ kind: 'log', sourceId, backupId, collKey, seq, fence });
  const hash = sha256(bytes);
  await context.driver.put(key, bytes);
  return { key, size: bytes.length, sha256: hash };
}

/** {@link import('../port.ts').Repository.putDeletions} */
export async function putDeletions(
  context: RepositoryContext,
  draft: BackupDraft,
  definition: CollectionDefinition,
  marked: readonly { readonly fileRows: number; readonly dead: Uint8Array }[],
): Promise<DeletionVector[]> {
  if (marked.length === 0) return [];
  const { sourceId, backupId } = draft;
  const collKey = collectionKey(definition.database, definition.collection);
  const key = makeKey({ kind: 'deletions', sourceId, backupId, collKey, attempt: newId(context.clock) });
  const frames = marked.map(({ fileRows, dead }) => {
    const frame = encodeDeletions(dead);
    if (Buffer.compare(decodeDeletions(frame, fileRows), dead) !== 0) {
      throw fail('REPO_WRITE_FAILED', { what: `Encoding ${key} changed what it encoded, so it was not stored` });
    }
    return frame;
  });
  await context.driver.put(key, Buffer.concat(frames));
  let offset = 0;
  return marked.map(({ fileRows }, i) => {
    const frame = frames[i] ?? new Uint8Array();
    const vector = { key, offset, size: frame.length, sha256: sha256(frame), fileRows };
    offset += frame.length;
    return vector;
  });
}

/** No fault of a codec may reach a backup: what was encoded is decoded again and compared, bit by bit. */
function encodeChecked(batch: RowBatch, prints: Uint8Array, key: string): Uint8Array {
  const bytes = encodeChunk(batch, prints);
  const fault = chunkFault(batch, prints, bytes);
  if (fault === null) return bytes;
  throw fail('REPO_WRITE_FAILED', {
    what: `Encoding ${key} changed what it encoded (${fault}), so it was not stored`,
    next: 'Check the memory of this machine, then report this error',
    details: { key },
  });
}
