import { decodeStored, readChunkBytes, readDead, readIndex, readManifest } from '../backup/read.ts';
import { firstUnordered, keyColumn, keyText } from '../backup/keys.ts';
import { ownersOf } from '../backup/files.ts';
import { readSlot } from '../backup/slots.ts';
import type { RepositoryContext } from '../context.ts';
import { contentSum, FINGERPRINT_BYTES, fingerprints } from '../format/fingerprint.ts';
import { damaged } from '../format/json.ts';
import { dataFolder, makeKey, type BackupRef } from '../format/names.ts';
import { unmarkedRows } from '../format/pick-rows.ts';
import type { CommittedSlot, IndexRecord, ManifestRecord } from '../format/records.ts';
import { summariesOf, toolBackupOf } from '../format/tool-record.ts';
import { notFound } from '../list/survey.ts';
import type { ChunkEntry, SegmentEntry } from '../port.ts';
import type { Concern, Findings } from './findings.ts';

/** An index that could be read, for the levels above. */
export interface CheckedIndex {
  readonly index: IndexRecord;
  readonly indexKey: string;
  readonly concern: Concern;
}

/** Level 0: the decision, the manifest and every index fit their hashes, their schemas and each other. Nothing from memory. */
export async function checkStructure(
  context: RepositoryContext,
  ref: BackupRef,
  findings: Findings,
): Promise<CheckedIndex[]> {
  const slotKey = makeKey({ kind: 'slot', ...ref });
  const slot = await findings.attempt(slotKey, {}, () => readSlot(context, ref));
  if (slot === null) return [];
  if (slot.state === 'aborted') throw notFound(ref.backupId);
  const manifest = await findings.attempt(slot.manifestKey, { rows: slot.rows }, async () => {
    const read = await readManifest(context, slot);
    const member = disagreement(slot, read);
    if (member !== null) throw damaged(slotKey, `its ${member} is not that of the manifest`);
    return read;
  });
  const checked: CheckedIndex[] = [];
  for (const entry of manifest?.collections ?? []) {
    const concern = { database: entry.database, collection: entry.collection };
    const index = await findings.attempt(entry.indexKey, { ...concern, rows: entry.rows }, () =>
      readIndex(context, manifest ?? { ...ref, refs: [] }, entry),
    );
    if (index !== null) checked.push({ index, indexKey: entry.indexKey, concern });
  }
  return checked;
}

/** The first member that decision and manifest both have, and have differently. */
function disagreement(slot: CommittedSlot, manifest: ManifestRecord): string | null {
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['attempt', slot.attempt, manifest.attempt],
    ['name', slot.name, manifest.name],
    ['type', slot.type, manifest.type],
    ['base', slot.base, manifest.base],
    ['refs', slot.refs, manifest.refs],
    ['engine', slot.engine, manifest.engine],
    ['source', slot.source.address, manifest.sourceAddress],
    ['plan', slot.plan, manifest.plan],
    ['startedAt', slot.startedAt, manifest.startedAt],
    ['rows', slot.rows, manifest.rows],
    ['bytes', slot.bytes.own, manifest.ownBytes],
    ['collections', slot.collections, summariesOf(manifest)],
    ['tool', slot.tool, manifest.tool && toolBackupOf(manifest.tool)],
  ];
  return pairs.find(([, a, b]) => JSON.stringify(a) !== JSON.stringify(b))?.[0] ?? null;
}

export const chunkConcern = (concern: Concern, chunk: ChunkEntry): Concern => ({
  ...concern,
  partition: chunk.partition,
  keyMin: chunk.keyMin,
  keyMax: chunk.keyMax,
  rows: chunk.rows,
});

export const segmentConcern = (concern: Concern, { partition, live }: SegmentEntry): Concern => ({
  ...concern,
  partition,
  rows: live,
});

interface StoredFile {
  readonly key: string;
  readonly size: number;
  readonly concern: Concern;
}

/** Chunks, or the files of segments, with what is lost where one is. */
const storedFiles = (index: IndexRecord, concern: Concern): StoredFile[] => [
  ...index.chunks.map((chunk) => ({ key: chunk.key, size: chunk.size, concern: chunkConcern(concern, chunk) })),
  ...(index.segments?.list ?? []).flatMap((segment) =>
    segment.files.map(({ key, size }) => ({ key, size, concern: segmentConcern(concern, segment) })),
  ),
];

/** Level 0, too: the marks of rows that are no longer there are part of what says what a backup holds. */
export async function checkDeletions(
  context: RepositoryContext,
  indexes: readonly CheckedIndex[],
  findings: Findings,
): Promise<void> {
  for (const { index, concern } of indexes) {
    for (const chunk of index.chunks) {
      if (chunk.deletions === undefined) continue;
      await findings.attempt(chunk.deletions.key, chunkConcern(concern, chunk), () => readDead(context, chunk));
    }
  }
}

/** Level 1: listings hold every chunk with its size. Gives the keys of the chunks that are not worth reading. */
export async function checkSizes(
  context: RepositoryContext,
  ref: BackupRef,
  indexes: readonly CheckedIndex[],
  findings: Findings,
): Promise<Set<string>> {
  const bad = new Set<string>();
  const owners = [
    ref.backupId,
    ...ownersOf(
      indexes.map((one) => one.index),
      ref,
    ),
  ];
  const list = async (): Promise<Map<string, number>> => {
    const sizes = new Map<string, number>();
    for (const backupId of owners) {
      for await (const object of context.driver.list(dataFolder({ ...ref, backupId }))) {
        sizes.set(object.key, object.size);
      }
    }
    return sizes;
  };
  const first = await findings.attempt(dataFolder(ref), {}, list);
  if (first === null) return bad;
  const files = indexes.flatMap(({ index, concern }) => storedFiles(index, concern));
  const wrong = files.filter(({ key, size }) => first.get(key) !== size);
  const second = wrong.length === 0 ? first : await findings.attempt(dataFolder(ref), {}, list);
  for (const { key, size: noted, concern } of wrong) {
    const size = second?.get(key);
    if (second === null || size === noted) continue;
    bad.add(key);
    const text = size === undefined ? 'it is not listed' : `it has ${size} bytes instead of ${noted}`;
    const code = size === undefined ? 'OBJECT_MISSING' : 'OBJECT_DAMAGED';
    findings.damage(code, key, `${key}: ${text}`, concern);
  }
  return bad;
}

/**
 * Levels 2 and 3 of one chunk: stored hash; then decoding, fingerprints, key order, key range, count. Gives its rows that
 * are there.
 */
export async function checkChunk(
  context: RepositoryContext,
  index: IndexRecord,
  chunk: ChunkEntry,
  level: 2 | 3,
): Promise<number> {
  const bytes = await readChunkBytes(context, chunk);
  if (level === 2) return chunk.rows;
  const dead = await readDead(context, chunk);
  const { batch, fingerprints: stored } = decodeStored(index, chunk, bytes);
  const keys = keyColumn(batch);
  const prints = fingerprints(batch);
  if (Buffer.compare(prints, stored) !== 0)
    throw damaged(chunk.key, 'a row does not have the fingerprint stored with it');
  if (sumOfLive(prints, dead) !== chunk.contentSum)
    throw damaged(chunk.key, 'its content sum is not that of the index');
  if (firstUnordered(keys) !== null) throw damaged(chunk.key, 'its keys do not rise');
  if (keyText(keys, 0) !== chunk.keyMin || keyText(keys, batch.rows - 1) !== chunk.keyMax) {
    throw damaged(chunk.key, 'its first and last key are not those of the index');
  }
  return chunk.rows;
}

/** The content sum of the rows that are there. */
function sumOfLive(prints: Uint8Array, dead: Uint8Array | null): string {
  if (dead === null) return contentSum(prints);
  const rows = unmarkedRows(dead, prints.length / FINGERPRINT_BYTES);
  const live = new Uint8Array(rows.length * FINGERPRINT_BYTES);
  rows.forEach((row, i) => {
    live.set(prints.subarray(row * FINGERPRINT_BYTES, (row + 1) * FINGERPRINT_BYTES), i * FINGERPRINT_BYTES);
  });
  return contentSum(live);
}
