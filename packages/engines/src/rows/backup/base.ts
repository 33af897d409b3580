import type { CollectionIndex, Manifest, Repository } from '@milvault/repository';
import { fail, hasCode, isMilvaultError, type CollectionDefinition } from '@milvault/shared';
import type { RowsPart } from '../parts.ts';
import { fieldsOf } from './unchanged.ts';

/** What a collection may borrow: the index that the base has of it, or why it cannot. */
export interface Borrowing {
  readonly index: CollectionIndex | null;
  readonly whyNot: string | null;
}

/** There is no base, and nobody asked for one. */
export const NOTHING_TO_BORROW: Borrowing = { index: null, whyNot: null };

/** BASE_GONE, BASE_DAMAGED. */
export const readBase = (repository: Repository, base: string): Promise<Manifest> =>
  orBaseFault(base, repository.manifest(base));

/**
 * Whether rows of the collection as it is now can be compared with those of the base. They are told apart by their keys
 * and contents alone, so that it matters neither whether the collection was dropped and made again in between, nor which
 * partitions came and went; only a row's fields must be the same.
 */
export async function borrowingOf(
  repository: Repository,
  base: Manifest,
  definition: CollectionDefinition,
): Promise<Borrowing> {
  const { database, collection } = definition;
  const held = base.collections.some((one) => one.database === database && one.collection === collection);
  if (!held) return { index: null, whyNot: 'it is not in the base' };
  const index = await orBaseFault(base.backupId, repository.index(base, database, collection));
  if (index.definition.partitionKeyMode !== definition.partitionKeyMode) {
    return { index: null, whyNot: 'its partition key changed' };
  }
  if (fieldsOf(index.definition) !== fieldsOf(definition)) return { index: null, whyNot: 'its schema changed' };
  return { index, whyNot: null };
}

/** The index that the rows of a part are compared with; null where all of them are stored. */
export async function baseIndexOf(
  repository: Repository,
  { base, definition }: Pick<RowsPart, 'base' | 'definition'>,
): Promise<CollectionIndex | null> {
  if (base === null) return null;
  const manifest = await readBase(repository, base);
  return orBaseFault(base, repository.index(manifest, definition.database, definition.collection));
}

/** Damage of the base says nothing about the source, and must not be taken for damage of this backup. */
export async function orBaseFault<T>(base: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isMilvaultError(error)) throw error;
    const gone = hasCode(error, 'BACKUP_NOT_FOUND');
    if (!gone && !hasCode(error, 'OBJECT_DAMAGED', 'OBJECT_MISSING')) throw error;
    throw fail(gone ? 'BASE_GONE' : 'BASE_DAMAGED', {
      what: `The base ${base} cannot be borrowed from: ${error.message}`,
      cause: error,
      details: { ...error.details, base },
    });
  }
}
