import { fail, type CollectionDefinition, type PrimaryKey } from '@milvault/shared';
import type { BackupPart, BackupPartResult, EngineContext } from '../../port.ts';
import { createKeyDigest, keysOf } from '../batches.ts';
import type { Session } from '../connect.ts';
import { fullName } from '../names.ts';
import { readPages } from '../read/pages.ts';
import { rangePlanOf } from './backup-part.ts';

/** What the counts of a collection say about its saved rows. */
export interface Verdict {
  /** The counts show that somebody wrote meanwhile. */
  readonly written: boolean;
  /** Physical rows that a newer row with the same key hides: counted by Milvus, given by no query. */
  readonly shadowed: number;
}

/** One part and what was saved of it. */
export interface DonePart {
  readonly part: BackupPart;
  readonly result: BackupPartResult;
}

export interface CountCase {
  readonly definition: CollectionDefinition;
  readonly done: readonly DonePart[];
  readonly countBefore: number;
  readonly countAfter: number;
}

/**
 * Compares the saved rows with count(*) before and after. A difference is accepted only where it is explained: by
 * writes that the counts show, or by hidden duplicates, which is proved range by range. ROW_COUNT_MISMATCH otherwise.
 */
export async function judgeCounts(session: Session, known: CountCase, context: EngineContext): Promise<Verdict> {
  const { countBefore, countAfter } = known;
  const saved = known.done.reduce((sum, { result }) => sum + result.rows, 0);
  const written = countBefore !== countAfter;
  const least = Math.min(countBefore, countAfter);
  const most = Math.max(countBefore, countAfter);
  if (saved >= least && saved <= most) return { written, shadowed: 0 };
  let shadowed = 0;
  let explained = 0;
  for (const one of known.done) {
    const finding = await examine(session, one, written, context);
    shadowed += finding.shadowed;
    explained += finding.counted;
  }
  // Rows between the parts do not exist: the parts cover all keys. So the ranges must add up to the whole.
  const total = countAfter === countBefore ? countAfter : explained;
  if (explained !== total) throw mismatch(known.definition, 'all parts', total, explained);
  return { written, shadowed };
}

interface Finding {
  readonly counted: number;
  readonly shadowed: number;
}

/** Looks at one part whose saved rows may not be the counted ones. */
async function examine(
  session: Session,
  { part, result }: DonePart,
  written: boolean,
  context: EngineContext,
): Promise<Finding> {
  const { definition, partition } = part;
  const { client } = session;
  const { signal } = context;
  const { after, upTo } = rangePlanOf(part);
  const counted = await client.count({ definition, partition, signal, range: { after, upTo } });
  if (counted === result.rows) return { counted, shadowed: 0 };
  const where = `part ${result.number} (keys after ${part.after?.value ?? 'none'} up to ${part.upTo?.value ?? 'none'})`;
  const now = await readKeys(session, part, signal);
  const same = now.sha256 === result.keysSha256;
  if (!same && !written) throw mismatch(definition, where, counted, result.rows);
  const ofKeys = await client.countKeys({ definition, partition, signal }, now.keys);
  if (ofKeys !== counted) {
    await requireReadableKeys(session, part, now.keys, signal);
    throw mismatch(definition, where, counted, ofKeys);
  }
  // The keys that are there now account for every physical row. Where they are the saved ones, the surplus is hidden
  // duplicates; where they are not, the part was written to, which the counts of the collection show.
  return { counted, shadowed: same ? counted - result.rows : 0 };
}

const LARGEST = 2n ** 63n - 1n;

/** Milvus 2.3 counts a row with the largest int64 as its key, and leaves it out of every answer. */
async function requireReadableKeys(
  session: Session,
  { definition, partition }: BackupPart,
  keys: readonly PrimaryKey[],
  signal: AbortSignal,
): Promise<void> {
  const int64 = definition.fields.some((field) => field.primaryKey && field.type === 'Int64');
  if (!int64 || keys.at(-1) === LARGEST) return;
  if ((await session.client.countKeys({ definition, partition, signal }, [LARGEST])) === 0) return;
  throw fail('ROW_COUNT_MISMATCH', {
    what: `${fullName(definition)} has a row with the key ${LARGEST}, which this Milvus counts and gives to nobody`,
    next: 'Write that row again under another key and delete this one: no query of this version of Milvus can read it',
    details: { database: definition.database, collection: definition.collection, key: LARGEST.toString() },
  });
}

async function readKeys(
  session: Session,
  part: DonePart['part'],
  signal: AbortSignal,
): Promise<{ keys: PrimaryKey[]; sha256: string }> {
  const digest = createKeyDigest();
  const keys: PrimaryKey[] = [];
  const moment = await session.client.moment(signal);
  const source = { ...session, definition: part.definition, partition: part.partition, moment, signal };
  for await (const { batch } of readPages(source, rangePlanOf(part))) {
    if (batch.rows === 0) continue;
    digest.add(batch);
    for (const key of keysOf(batch)) keys.push(key);
  }
  return { keys, sha256: digest.hex() };
}

const mismatch = (definition: CollectionDefinition, where: string, expected: number, got: number): Error =>
  fail('ROW_COUNT_MISMATCH', {
    what: `Rows of ${fullName(definition)} are missing or too many in ${where}`,
    expected: `${expected} rows by count(*)`,
    got: `${got} rows accounted for`,
    details: { database: definition.database, collection: definition.collection, where },
  });
