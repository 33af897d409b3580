import { collectionKey, fail, newId, type Backup } from '@milvault/shared';
import { owner, requireSameRepository, type RepositoryContext } from '../context.ts';
import { sha256 } from '../format/hash.ts';
import { encodeJson, encodeSealed } from '../format/json.ts';
import { dataFolder, makeKey } from '../format/names.ts';
import { CommittedSlot, IndexRecord, ManifestRecord, type Slot } from '../format/records.ts';
import { plainTool, summariesOf, toolBackupOf } from '../format/tool-record.ts';
import { backupOf } from '../list/backup-of.ts';
import type { BackupDraft, CollectionIndex, CommitInput, ManifestCollection, SegmentSet } from '../port.ts';
import { indexFault } from './check-index.ts';
import { bytesOfIndex, logsOf, ownersOf, vectorsOf } from './files.ts';
import { lendersOf, requireOwners, unpin } from './pins.ts';
import { manifestFault } from './read.ts';
import { readSlot, slotOrNull } from './slots.ts';

/** {@link import('../port.ts').Repository.commit} */
export async function commit(context: RepositoryContext, draft: BackupDraft, input: CommitInput): Promise<Backup> {
  await requireSameRepository(context);
  const decided = await slotOrNull(context, draft);
  if (decided !== null) return settled(context, decided);
  // A tool says only what it was given as the base.
  const borrowed = input.tool !== undefined && draft.base !== null ? [draft.base] : [];
  const refs = [...ownersOf(input.collections, draft), ...borrowed];
  requireSound(draft, await lendersOf(context, draft), input);

  const attempt = newId(context.clock);
  const expected = ownFiles(draft, input);
  const collections: ManifestCollection[] = [];
  for (const index of input.collections) collections.push(await putIndex(context, draft, index, attempt, expected));
  const manifest = manifestRecord(context, draft, input, collections, { attempt, refs });
  const fault = manifestFault(manifest);
  if (fault !== null) throw fail('INTERNAL', { what: `The manifest cannot be committed: ${fault}` });
  const manifestKey = makeKey({ kind: 'manifest', ...draft, attempt });
  const bytes = encodeJson(ManifestRecord, manifest);
  await context.driver.put(manifestKey, bytes);
  expected.set(manifestKey, bytes.length);

  await requireStored(context, draft, expected);
  await requireOwners(context, draft.sourceId, refs);
  const slot: CommittedSlot = {
    ...slotRecord(context, manifest),
    manifestKey,
    manifestSha256: sha256(bytes),
    manifestSize: bytes.length,
  };
  const backup = await decide(context, draft, slot);
  if (draft.base !== null) await unpin(context, draft, draft.base);
  return backup;
}

/** Sizes of the objects that the backup wrote itself; of vectors only how far the last one reaches. */
function ownFiles(draft: BackupDraft, { collections }: CommitInput): Map<string, number> {
  const own = dataFolder(draft);
  const sizes = new Map<string, number>();
  for (const index of collections) {
    for (const { key, size } of [...index.chunks, ...logsOf(index)]) if (key.startsWith(own)) sizes.set(key, size);
    for (const { key, offset, size } of vectorsOf(index)) {
      if (key.startsWith(own)) sizes.set(key, Math.max(sizes.get(key) ?? 0, offset + size));
    }
  }
  return sizes;
}

/** Errors here are errors of the caller: nothing that a server or a disk does can cause them. */
function requireSound(draft: BackupDraft, refs: readonly string[], input: CommitInput): void {
  const seen = new Set<string>();
  for (const index of input.collections) {
    const name = `${index.definition.database}.${index.definition.collection}`;
    const fault = seen.has(name) ? 'it is listed twice' : indexFault(index, { ...draft, refs });
    if (fault !== null) throw fail('INTERNAL', { what: `The index of ${name} cannot be committed: ${fault}` });
    seen.add(name);
  }
}

async function putIndex(
  context: RepositoryContext,
  draft: BackupDraft,
  index: CollectionIndex,
  attempt: string,
  expected: Map<string, number>,
): Promise<ManifestCollection> {
  const { database, collection } = index.definition;
  const collKey = collectionKey(database, collection);
  const record: IndexRecord = {
    ...owner(context, draft),
    collKey,
    definition: index.definition,
    primaryKey: index.primaryKey,
    rows: index.rows,
    contentSum: index.contentSum,
    counted: { ...index.counted },
    shadowedDuplicates: index.shadowedDuplicates,
    chunks: index.chunks.map((chunk) => ({ ...chunk })),
    ...(index.segments === undefined ? {} : { segments: copyOf(index.segments) }),
    ...(index.still === undefined ? {} : { still: index.still.map((one) => ({ ...one })) }),
    ...(index.changes === undefined ? {} : { changes: { ...index.changes } }),
  };
  const indexKey = makeKey({ kind: 'index', sourceId: draft.sourceId, backupId: draft.backupId, collKey, attempt });
  const bytes = encodeJson(IndexRecord, record);
  await context.driver.put(indexKey, bytes);
  expected.set(indexKey, bytes.length);
  const size = bytesOfIndex(index, draft);
  const { rows, contentSum, changes } = index;
  return {
    database,
    collection,
    collKey,
    indexKey,
    indexSha256: sha256(bytes),
    rows,
    bytes: size.total,
    ownBytes: size.own,
    contentSum,
    ...(changes === undefined ? {} : { changes }),
  };
}

const copyOf = ({ upTo, fields, list }: SegmentSet): NonNullable<IndexRecord['segments']> => ({
  upTo,
  fields: [...fields],
  list: list.map((segment) => ({ ...segment, files: [...segment.files] })),
});

function manifestRecord(
  context: RepositoryContext,
  draft: BackupDraft,
  input: CommitInput,
  collections: ManifestCollection[],
  { attempt, refs }: { readonly attempt: string; readonly refs: string[] },
): ManifestRecord {
  return {
    ...owner(context, draft),
    attempt,
    name: draft.name,
    type: draft.type,
    sourceAddress: draft.sourceAddress,
    serverVersion: draft.serverVersion,
    plan: draft.plan,
    note: draft.note,
    startedAt: draft.startedAt,
    engine: input.engine,
    base: draft.base,
    refs,
    databases: [...input.databases],
    collections: collections.map(plainEntry),
    consistency: input.consistency,
    warnings: [...input.warnings],
    rows: input.tool?.rows ?? collections.reduce((sum, one) => sum + one.rows, 0),
    ownBytes: input.tool?.bytes ?? collections.reduce((sum, one) => sum + (one.ownBytes ?? one.bytes), 0),
    ...(input.tool === undefined ? {} : { tool: plainTool(input.tool) }),
  };
}

/** A member that is undefined is none: JSON has no such thing. */
const plainEntry = ({ ownBytes, changes, ...entry }: ManifestCollection): ManifestRecord['collections'][number] => ({
  ...entry,
  ...(ownBytes === undefined ? {} : { ownBytes }),
  ...(changes === undefined ? {} : { changes: { ...changes } }),
});

/** One listing of all that this backup wrote: everything that it is about to name lies there, with its size. */
async function requireStored(
  context: RepositoryContext,
  draft: BackupDraft,
  expected: ReadonlyMap<string, number>,
): Promise<void> {
  const found = new Map<string, number>();
  for await (const object of context.driver.list(dataFolder(draft))) found.set(object.key, object.size);
  for (const [key, size] of expected) {
    if (found.get(key) === size) continue;
    const decided = await slotOrNull(context, draft);
    if (decided?.state === 'aborted') throw aborted(decided.reason);
    throw fail('REPO_WRITE_FAILED', {
      what: `${key} was written, but is not listed as it was written, so the backup was not committed`,
      expected: `${size} bytes`,
      got: found.has(key) ? `${found.get(key)} bytes` : 'nothing',
      details: { key },
    });
  }
}

function slotRecord(
  context: RepositoryContext,
  manifest: ManifestRecord,
): Omit<CommittedSlot, 'manifestKey' | 'manifestSha256' | 'manifestSize'> {
  // Age is that of the data: what was taken over keeps its own.
  const committedAt = manifest.tool?.adopted === true ? manifest.startedAt : context.clock.now();
  return {
    ...owner(context, manifest),
    state: 'committed',
    attempt: manifest.attempt,
    type: manifest.type,
    base: manifest.base,
    refs: manifest.refs,
    name: manifest.name,
    engine: manifest.engine,
    status: 'complete',
    source: { id: manifest.sourceId, address: manifest.sourceAddress, serverVersion: manifest.serverVersion },
    plan: manifest.plan,
    collections: summariesOf(manifest),
    rows: manifest.rows,
    bytes: { own: manifest.ownBytes, total: totalBytes(manifest) },
    consistency: manifest.consistency,
    startedAt: manifest.startedAt,
    committedAt,
    durationMs: Math.max(0, committedAt - manifest.startedAt),
    warnings: manifest.warnings,
    note: manifest.note,
    ...(manifest.tool === undefined ? {} : { tool: toolBackupOf(manifest.tool) }),
  };
}

const totalBytes = ({ tool, collections }: ManifestRecord): number =>
  tool === undefined ? collections.reduce((sum, one) => sum + one.bytes, 0) : (tool.bytes ?? 0);

/** Creates the decision record. Whoever loses, or does not hear the answer, reads what was decided. */
async function decide(context: RepositoryContext, draft: BackupDraft, slot: CommittedSlot): Promise<Backup> {
  const key = makeKey({ kind: 'slot', ...draft });
  const bytes = encodeSealed(CommittedSlot, slot);
  try {
    if ((await context.driver.create(key, bytes)) === 'created') return backupOf(context, slot, [], null);
  } catch (error) {
    // Where the decision cannot be read either, the first fault says more than the second.
    const decided = await slotOrNull(context, draft).catch(() => null);
    if (decided === null) throw error;
    return settled(context, decided);
  }
  return settled(context, await readSlot(context, draft));
}

function settled(context: RepositoryContext, slot: Slot): Backup {
  if (slot.state === 'committed') return backupOf(context, slot, [], null);
  throw aborted(slot.reason);
}

const aborted = (reason: string) =>
  fail('BACKUP_ABORTED', { what: `The backup was given up before it was complete (${reason})` });
