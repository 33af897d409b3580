import {
  addContentSums,
  bitmapBytes,
  decodeDeletions,
  type BackupDraft,
  type ChunkEntry,
  type CollectionIndex,
  type Repository,
} from '@milvault/repository';
import { compareKeys, fail, type CollectionDefinition, type PrimaryKey, type RowChanges } from '@milvault/shared';
import { fullName } from '../names.ts';
import type { BorrowedRows, RowsPartResult } from '../parts.ts';

export interface Joined {
  readonly chunks: ChunkEntry[];
  readonly changes: RowChanges;
}

export interface JoinInput {
  readonly definition: CollectionDefinition;
  readonly base: CollectionIndex;
  /** Partitions that exist now, by the names that chunks have for them. */
  readonly partitions: readonly string[];
  /** Those of them that were not read, since nothing changed in them. */
  readonly unchanged: readonly string[];
  readonly results: readonly RowsPartResult[];
}

/** A chunk of the base of which some rows are left. */
interface Cut {
  readonly chunk: ChunkEntry;
  readonly pieces: readonly BorrowedRows[];
}

/**
 * The chunks of an incremental: those of the base that still have rows, less the rows that are gone, and its own. What
 * all parts together say of a chunk must be what the chunk holds: INTERNAL otherwise.
 */
export async function joinWithBase(repository: Repository, draft: BackupDraft, input: JoinInput): Promise<Joined> {
  const { base, partitions, unchanged, results, definition } = input;
  const pieces = piecesByChunk(results);
  const whole: ChunkEntry[] = [];
  const cuts: Cut[] = [];
  let vanished = 0;
  for (const [place, chunk] of base.chunks.entries()) {
    const told = pieces.get(place) ?? [];
    if (unchanged.includes(chunk.partition)) whole.push(chunk);
    else if (told.length === 0) {
      // Nothing was read beside it: its partition is gone, or holds no row any more.
      requireUnread(input, chunk);
      vanished += chunk.rows;
    } else {
      const { kept, gone } = requireAccounted(definition, chunk, told);
      if (gone === 0) whole.push(chunk);
      else if (kept > 0) cuts.push({ chunk, pieces: told });
    }
  }
  const own = results.flatMap((result) => result.chunks);
  const chunks = [...whole, ...(await markDead(repository, draft, definition, cuts)), ...own];
  return { chunks: inOrder(chunks, base, partitions), changes: sumChanges(results, vanished) };
}

function piecesByChunk(results: readonly RowsPartResult[]): Map<number, BorrowedRows[]> {
  const pieces = new Map<number, BorrowedRows[]>();
  for (const piece of results.flatMap((result) => result.borrowed ?? [])) {
    pieces.set(piece.chunk, [...(pieces.get(piece.chunk) ?? []), piece]);
  }
  return pieces;
}

function requireUnread({ partitions, results }: JoinInput, chunk: ChunkEntry): void {
  const read = results.some((result) => result.partition === chunk.partition);
  if (!partitions.includes(chunk.partition) || !read) return;
  throw fail('INTERNAL', { what: `${chunk.key} of the base lies in no part although its partition was read` });
}

function requireAccounted(
  definition: CollectionDefinition,
  chunk: ChunkEntry,
  pieces: readonly BorrowedRows[],
): { readonly kept: number; readonly gone: number } {
  const kept = pieces.reduce((sum, piece) => sum + piece.kept, 0);
  const gone = pieces.reduce((sum, piece) => sum + piece.gone, 0);
  if (kept + gone === chunk.rows) return { kept, gone };
  throw fail('INTERNAL', {
    what: `Not every row of ${chunk.key} was compared while ${fullName(definition)} was read`,
    expected: `${chunk.rows} rows`,
    got: `${kept} that stay and ${gone} that are gone`,
  });
}

/** Writes down which rows are gone, older marks of a chunk together with the new ones. */
async function markDead(
  repository: Repository,
  draft: BackupDraft,
  definition: CollectionDefinition,
  cuts: readonly Cut[],
): Promise<ChunkEntry[]> {
  const marked: { fileRows: number; dead: Uint8Array }[] = [];
  for (const { chunk, pieces } of cuts) {
    const fileRows = chunk.deletions?.fileRows ?? chunk.rows;
    const dead = new Uint8Array(bitmapBytes(fileRows));
    if (chunk.deletions !== undefined) addMarks(dead, await repository.readDeletions(chunk.deletions));
    for (const { marks } of pieces) {
      if (marks !== null) addMarks(dead, decodeDeletions(Buffer.from(marks, 'base64'), fileRows));
    }
    marked.push({ fileRows, dead });
  }
  const vectors = await repository.putDeletions(draft, definition, marked);
  return cuts.map(({ chunk, pieces }, i): ChunkEntry => {
    const deletions = vectors[i];
    if (deletions === undefined) throw fail('INTERNAL', { what: 'A deletion vector was not stored' });
    return {
      ...chunk,
      rows: pieces.reduce((sum, piece) => sum + piece.kept, 0),
      contentSum: addContentSums(...pieces.map((piece) => piece.keptSum)),
      deletions,
    };
  });
}

function addMarks(into: Uint8Array, marks: Uint8Array): void {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] ?? 0) | (marks[i] ?? 0);
}

/** By partition, and by first key within each: what an index asks for. */
function inOrder(chunks: readonly ChunkEntry[], base: CollectionIndex, partitions: readonly string[]): ChunkEntry[] {
  const int64 = base.definition.fields.some((field) => field.primaryKey && field.type === 'Int64');
  const first = ({ keyMin }: ChunkEntry): PrimaryKey => (int64 ? BigInt(keyMin) : keyMin);
  return [...chunks].sort(
    (a, b) => partitions.indexOf(a.partition) - partitions.indexOf(b.partition) || compareKeys(first(a), first(b)),
  );
}

function sumChanges(results: readonly RowsPartResult[], vanished: number): RowChanges {
  const all = results.flatMap((result) => result.changes ?? []);
  return {
    added: all.reduce((sum, one) => sum + one.added, 0),
    changed: all.reduce((sum, one) => sum + one.changed, 0),
    deleted: all.reduce((sum, one) => sum + one.deleted, vanished),
  };
}
