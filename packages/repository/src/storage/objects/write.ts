import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import {
  fail,
  isBucketPlace,
  parseBucketPlace,
  type Clock,
  type MilvaultError,
  type StoragePlace,
} from '@milvault/shared';
import { removeEmptyFolders } from '../empty-folders.ts';
import { systemCode } from '../faults.ts';
import { openBucket } from '../s3/bucket.ts';
import { sourceFault } from '../s3/explain.ts';
import { STORE_LIMITS } from '../s3/limits.ts';
import { listAll } from '../s3/list.ts';
import { retried } from '../s3/retry.ts';
import { NO_ACCESS } from '../s3/s3.ts';
import { requireObjectKey, requireObjectPrefix } from './key.ts';

/**
 * Puts files where another program finds them (Milvus, to import them), and takes them away again. Nothing that lies
 * there for longer than a restore is written by it. Faults are STORAGE_UNREACHABLE and STORAGE_DENIED.
 */
export interface ObjectWriter {
  /** How the owner of the place names a key: an absolute path, or a key of its bucket. */
  nameOf(key: string): string;
  /** May be repeated. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Removes everything whose key starts with a folder, ending in `/`. Nothing there is fine. */
  removeAll(prefix: string): Promise<void>;
}

/** Opens nothing yet: a place that cannot be reached shows at the first write. */
export const openObjectWriter = (at: StoragePlace, clock: Clock): ObjectWriter =>
  isBucketPlace(at.place) ? openBucketWriter(at, clock) : openFolderWriter(at.place);

/** A folder of the same machine as Milvus, under the same path. No fsync: what is lost with the machine is written anew. */
function openFolderWriter(place: string): ObjectWriter {
  const writing = async (key: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      throw writeFault(place, key, error);
    }
  };
  return {
    nameOf: (key) => join(place, key),
    put: (key, bytes) =>
      writing(key, async () => {
        const path = join(place, requireObjectKey(key));
        // Another restore that ends may take the empty folder away before the file is in it.
        for (let tries = FOLDER_TRIES; ; tries--) {
          try {
            await mkdir(dirname(path), { recursive: true });
            return await writeFile(path, bytes);
          } catch (error) {
            if (systemCode(error) !== 'ENOENT' || tries <= 1) throw error;
          }
        }
      }),
    removeAll: (prefix) =>
      writing(prefix, async () => {
        const folder = join(place, requireObjectPrefix(prefix));
        await rm(folder, { recursive: true, force: true });
        await removeEmptyFolders(dirname(folder), (above) => relative(place, above) === '');
      }),
  };
}

const FOLDER_TRIES = 5;
function writeFault(place: string, key: string, error: unknown): MilvaultError {
  const code = systemCode(error);
  const denied = code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
  return fail(denied ? 'STORAGE_DENIED' : 'STORAGE_UNREACHABLE', {
    what: `Writing ${key} in ${place} failed (${code || String(error)})`,
    cause: error,
    details: { key, place },
    ...(denied ? { next: 'Give the user that runs milvault the right to write in the folder of Milvus' } : {}),
  });
}

function openBucketWriter(at: StoragePlace, clock: Clock): ObjectWriter {
  const found = parseBucketPlace(at.place);
  if (found === null) {
    throw fail('OPTION_UNSUPPORTED', { what: 'This is no place in a bucket', expected: 's3://bucket/prefix' });
  }
  const access = at.access ?? NO_ACCESS;
  const bucket = openBucket(found.bucket, access, STORE_LIMITS);
  const root = found.prefix === '' ? '' : `${found.prefix}/`;
  const store = { bucket, clock, limits: STORE_LIMITS };
  const told = { place: at.place, access };
  return {
    nameOf: (key) => root + key,
    put: (key, bytes) =>
      retried(store, () => bucket.put(root + requireObjectKey(key), bytes)).catch((error: unknown) =>
        Promise.reject(sourceFault(error, told, key)),
      ),
    removeAll: async (prefix) => {
      try {
        const keys: string[] = [];
        for await (const { key } of listAll(store, root + requireObjectPrefix(prefix))) keys.push(key);
        for (const key of keys) await retried(store, () => bucket.remove(key));
      } catch (error) {
        throw sourceFault(error, told, prefix);
      }
    },
  };
}
