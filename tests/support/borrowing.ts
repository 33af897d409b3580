import {
  addContentSums,
  bitmapBytes,
  contentSum,
  EMPTY_SUM,
  fingerprints,
  isMarked,
  mark,
  pickRows,
  type BackupDraft,
  type ChunkEntry,
  type CollectionIndex,
  type CommitInput,
  type Repository,
} from '@milvault/repository';
import type { Backup } from '@milvault/shared';
import { definitionOf, filmBatch, filmIndex, SOURCE } from './repository.ts';

/** What an incremental of films holds besides what it borrows. */
export interface FilmChanges {
  /** Rows of the base that are gone, by their places in each of its chunks. */
  readonly dead?: Readonly<Record<number, readonly number[]>>;
  /** New films: [first id, how many]. */
  readonly fresh?: readonly [number, number];
}

export const beginIncremental = (repository: Repository, base: string): Promise<BackupDraft> =>
  repository.begin({ type: 'incremental', base, ...SOURCE, plan: 'nightly', note: null });

/** The index of a collection that borrows all chunks of the base, without its dead rows, and adds the fresh ones. */
export async function borrowFilms(
  repository: Repository,
  draft: BackupDraft,
  base: CollectionIndex,
  { dead = {}, fresh }: FilmChanges,
): Promise<CollectionIndex> {
  const borrowed = base.chunks.map((chunk, place) => ({ chunk, marks: marksOf(chunk, dead[place] ?? []) }));
  const marked = borrowed.filter(({ marks }) => marks !== null);
  const vectors = await repository.putDeletions(
    draft,
    base.definition,
    marked.map(({ chunk, marks }) => ({ fileRows: chunk.rows, dead: marks ?? new Uint8Array() })),
  );
  const chunks: ChunkEntry[] = [];
  for (const { chunk, marks } of borrowed) {
    if (marks === null) {
      chunks.push(chunk);
      continue;
    }
    const batch = await repository.readChunk(base, chunk);
    const live = pickRows(
      batch,
      Array.from({ length: batch.rows }, (_, row) => row).filter((row) => !isMarked(marks, row)),
    );
    const deletions = vectors.shift();
    if (deletions === undefined) throw new Error('a vector for each marked chunk');
    chunks.push({ ...chunk, rows: live.rows, contentSum: contentSum(fingerprints(live)), deletions });
  }
  if (fresh !== undefined) chunks.push(await putFresh(repository, draft, base, fresh));
  chunks.sort((a, b) => Number(a.keyMin) - Number(b.keyMin));
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  return {
    ...filmIndex(base.definition.collection, chunks),
    rows,
    contentSum: addContentSums(EMPTY_SUM, ...chunks.map((chunk) => chunk.contentSum)),
    changes: { added: fresh?.[1] ?? 0, changed: 0, deleted: Object.values(dead).flat().length },
  };
}

function marksOf(chunk: ChunkEntry, rows: readonly number[]): Uint8Array | null {
  if (rows.length === 0) return null;
  const marks = new Uint8Array(bitmapBytes(chunk.rows));
  for (const row of rows) mark(marks, row);
  return marks;
}

function putFresh(
  repository: Repository,
  draft: BackupDraft,
  base: CollectionIndex,
  [from, rows]: readonly [number, number],
): Promise<ChunkEntry> {
  const batch = filmBatch(from, rows);
  const definition = definitionOf(
    batch.columns.map(({ field }) => field),
    'id',
    base.definition.collection,
  );
  return repository.putChunk(draft, { definition, partition: '_default', seq: 9, fence: '1', batch });
}

export const filmsOf = (collections: readonly CollectionIndex[]): CommitInput => ({
  engine: 'rows',
  databases: [{ name: 'default', properties: [] }],
  collections,
  consistency: 'fuzzy',
  warnings: [],
});

export const indexOfFilms = async (repository: Repository, id: string): Promise<CollectionIndex> =>
  repository.index(await repository.manifest(id), 'default', 'films');

/** A whole incremental of films on a base. */
export async function takeIncremental(repository: Repository, base: string, changes: FilmChanges): Promise<Backup> {
  const draft = await beginIncremental(repository, base);
  const index = await borrowFilms(repository, draft, await indexOfFilms(repository, base), changes);
  return repository.commit(draft, filmsOf([index]));
}
