import { fail, parseBucketPlace, type Clock, type StoragePlace } from '@milvault/shared';
import { openBucket } from '../s3/bucket.ts';
import { sourceFault } from '../s3/explain.ts';
import { isStoreFault } from '../s3/faults.ts';
import { STORE_LIMITS, type StoreLimits } from '../s3/limits.ts';
import { listAll } from '../s3/list.ts';
import { retried } from '../s3/retry.ts';
import { NO_ACCESS } from '../s3/s3.ts';
import { requireObjectKey, requireObjectPrefix } from './key.ts';
import type { ObjectReader } from './open.ts';

/** Files in a bucket. */
export function openBucketObjects(at: StoragePlace, clock: Clock, limits: StoreLimits = STORE_LIMITS): ObjectReader {
  const found = parseBucketPlace(at.place);
  if (found === null) {
    throw fail('OPTION_UNSUPPORTED', { what: 'This is no place in a bucket', expected: 's3://bucket/prefix' });
  }
  const access = at.access ?? NO_ACCESS;
  const bucket = openBucket(found.bucket, access, limits);
  const root = found.prefix === '' ? '' : `${found.prefix}/`;
  const told = { place: at.place, access };
  const store = { bucket, clock, limits };
  const read = async <T>(key: string, work: (full: string) => Promise<T>): Promise<T> => {
    const full = root + requireObjectKey(key);
    return retried(store, () => work(full)).catch((error: unknown) => Promise.reject(sourceFault(error, told, key)));
  };
  return {
    place: at.place,
    list: async function* (prefix) {
      const full = root + requireObjectPrefix(prefix);
      try {
        for await (const { key, size } of listAll(store, full)) {
          // Browsers of buckets make empty objects that end in a slash to show a folder.
          if (!key.endsWith('/')) yield { key: key.slice(root.length), size };
        }
      } catch (error) {
        throw sourceFault(error, told, prefix);
      }
    },
    get: (key) => read(key, async (full) => (await bucket.get(full)).bytes),
    getRange: (key, offset, length) =>
      read(key, async (full) => {
        try {
          const { bytes } = await bucket.get(full, { offset, length: Math.max(1, length) });
          return bytes.subarray(0, length);
        } catch (error) {
          if (isStoreFault(error, 'range')) return new Uint8Array();
          throw error;
        }
      }),
    has: (key) =>
      read(key, async (full) => {
        // By GET: the answer to a HEAD cannot say that it is the bucket that is missing, or why it refuses.
        try {
          await bucket.get(full, { offset: 0, length: 1 });
          return true;
        } catch (error) {
          if (isStoreFault(error, 'range')) return true;
          if (isStoreFault(error, 'missing')) return false;
          throw error;
        }
      }),
  };
}
