import { isBucketPlace, type Clock, type StoragePlace } from '@milvault/shared';
import { openBucketObjects } from './bucket.ts';
import { openFolderObjects } from './folder.ts';

/** A file that somebody else keeps. */
export interface StoredObject {
  /** Its path below the place, parts divided by `/`. */
  readonly key: string;
  readonly size: number;
}

/**
 * Reads the files that another program keeps in a folder or a bucket (Milvus its logs), by keys of any shape. Never
 * writes. Faults are STORAGE_UNREACHABLE, STORAGE_DENIED and STORAGE_OBJECT_MISSING, never those of a repository.
 */
export interface ObjectReader {
  /** For people: the folder, or `s3://bucket/prefix`. */
  readonly place: string;
  /**
   * Every file whose key starts with `prefix` (a folder, ending in `/`, or ''), in no promised order. Nothing there is an
   * empty list, as long as the place itself is there. Any other fault rejects: an incomplete list is never returned.
   */
  list(prefix: string): AsyncIterable<StoredObject>;
  /** The whole file. STORAGE_OBJECT_MISSING where there is none. */
  get(key: string): Promise<Uint8Array>;
  /** Bytes [offset, offset + length). Shorter only at the end of the file. */
  getRange(key: string, offset: number, length: number): Promise<Uint8Array>;
  has(key: string): Promise<boolean>;
}

/** Opens nothing yet: a place that cannot be reached shows at the first read. */
export const openObjects = (at: StoragePlace, clock: Clock): ObjectReader =>
  isBucketPlace(at.place) ? openBucketObjects(at, clock) : openFolderObjects(at.place);
