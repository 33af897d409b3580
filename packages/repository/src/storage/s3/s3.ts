import { fail, parseBucketPlace, type Clock, type MilvaultError, type S3Access } from '@milvault/shared';
import { isSafeKey, REPO_KEY } from '../../format/names.ts';
import type { ObjectStat, StorageDriver } from '../../port.ts';
import { missing } from '../faults.ts';
import { PROBE_FOLDER } from '../probe-folder.ts';
import { openBucket, type Bucket } from './bucket.ts';
import { createObject } from './create.ts';
import { repositoryFault, type Told } from './explain.ts';
import { isStoreFault } from './faults.ts';
import { STORE_LIMITS, type StoreLimits } from './limits.ts';
import { listAll } from './list.ts';
import { retried } from './retry.ts';

/** A bucket of which nothing was told: the SDK looks for a profile or a role of this machine. */
export const NO_ACCESS: S3Access = {
  endpoint: null,
  region: 'us-east-1',
  credentials: null,
  pathStyle: false,
  checksum: 'sha256',
};

/** What the parts of this driver share. */
interface Store extends Told {
  /** Its calls end with `signal`; those of `lasting` do not. */
  readonly bucket: Bucket;
  readonly lasting: Bucket;
  readonly signal: AbortSignal | undefined;
  /** Before the keys of the repository: '' or `prefix/`. */
  readonly root: string;
  readonly clock: Clock;
  readonly limits: StoreLimits;
}

/**
 * A prefix of a bucket. Every write is one PUT, so that it is there whole or not at all, and no upload is ever left
 * half-done. Nothing is written, and neither an empty list nor a missing object is believed, while `repo.json` is missing:
 * a wrong prefix or a bucket that was made anew looks like an empty repository.
 */
export function createS3Storage(
  place: string,
  access: S3Access,
  clock: Clock,
  limits: StoreLimits = STORE_LIMITS,
): StorageDriver {
  const at = parseBucketPlace(place);
  if (at === null) {
    throw fail('OPTION_UNSUPPORTED', { what: 'This is no place in a bucket', expected: 's3://bucket/prefix' });
  }
  const bucket = openBucket(at.bucket, access, limits);
  const root = at.prefix === '' ? '' : `${at.prefix}/`;
  return driverOf({ place, access, bucket, lasting: bucket, signal: undefined, root, clock, limits });
}

function driverOf(store: Store): StorageDriver {
  const { bucket, root } = store;
  return {
    place: store.place,
    within: (signal) => driverOf({ ...store, signal, bucket: store.lasting.within(signal) }),
    put: (key, bytes) => writing(store, key, (full) => retried(store, () => bucket.put(full, bytes))),
    // What decides is never left half-way: nobody would know what was decided.
    create: (key, bytes) => writing(lasting(store), key, (full) => createObject(lasting(store), full, bytes)),
    get: (key) => reading(store, key, async (full) => (await retried(store, () => bucket.get(full))).bytes),
    getRange: (key, offset, length) => reading(store, key, (full) => readRange(store, full, offset, length)),
    stat: (key) => statObject(store, key),
    list: (prefix) => listObjects(store, prefix),
    // Part of leaving nothing behind, also after a stop.
    remove: (key) =>
      removeObject(lasting(store), fullKey(store, key)).catch((error: unknown) => {
        throw repositoryFault(error, store, key, 'write');
      }),
    sweep: async () => 0,
    isEmpty: async () => {
      try {
        for await (const { key } of listAll(store, root)) {
          if (!key.startsWith(root + PROBE_FOLDER)) return false;
        }
        return true;
      } catch (error) {
        throw faultOf(store, error, '', 'read');
      }
    },
    space: async () => null,
    spoil: {
      checksum: (key, bytes) => spoiled(store, key, bytes, 'checksum'),
      tear: (key, bytes) => spoiled(store, key, bytes, 'tear'),
    },
  };
}

const lasting = (store: Store): Store => ({ ...store, bucket: store.lasting, signal: undefined });

/** A fault as a person can act on it. Where the work was stopped, the reason for that is thrown instead. */
function faultOf(store: Store, thrown: unknown, key: string, way: 'read' | 'write'): MilvaultError {
  store.signal?.throwIfAborted();
  return repositoryFault(thrown, store, key, way);
}

async function removeObject({ bucket, ...store }: Store, full: string): Promise<void> {
  try {
    await retried(store, () => bucket.remove(full));
  } catch (error) {
    if (!isStoreFault(error, 'missing')) throw error;
  }
}

function fullKey(store: Store, key: string): string {
  if (!isSafeKey(key)) throw fail('INTERNAL', { what: `${JSON.stringify(key)} is not a key of a repository` });
  return store.root + key;
}

/** Keys that may be there before the repository is. */
const isBeforeBirth = (key: string): boolean => key === REPO_KEY || key.startsWith(PROBE_FOLDER);

async function writing<T>(store: Store, key: string, work: (full: string) => Promise<T>): Promise<T> {
  const full = fullKey(store, key);
  if (!isBeforeBirth(key)) await requireRepository(store);
  return work(full).catch((error: unknown) => Promise.reject(faultOf(store, error, key, 'write')));
}

async function reading<T>(store: Store, key: string, work: (full: string) => Promise<T>): Promise<T> {
  const full = fullKey(store, key);
  try {
    return await work(full);
  } catch (error) {
    if (!isStoreFault(error, 'missing')) throw faultOf(store, error, key, 'read');
    if (!key.startsWith(PROBE_FOLDER)) await requireRepository(store);
    throw missing(store.place, key);
  }
}

async function readRange(store: Store, full: string, offset: number, length: number): Promise<Uint8Array> {
  try {
    // S3 has no range of no bytes: one byte tells whether there is an object.
    const { bytes } = await retried(store, () => store.bucket.get(full, { offset, length: Math.max(1, length) }));
    return bytes.subarray(0, length);
  } catch (error) {
    if (isStoreFault(error, 'range')) return new Uint8Array();
    throw error;
  }
}

/** REPO_NOT_A_REPOSITORY where `repo.json` is missing. By GET: the answer to a HEAD cannot say that it is the bucket. */
async function requireRepository(store: Store): Promise<void> {
  try {
    await retried(store, () => store.bucket.get(store.root + REPO_KEY));
  } catch (error) {
    if (!isStoreFault(error, 'missing')) throw faultOf(store, error, REPO_KEY, 'read');
    throw fail('REPO_NOT_A_REPOSITORY', {
      what: `There is no ${REPO_KEY} in ${store.place}`,
      next: 'Check bucket and prefix, or create a repository with `milvault repo init`',
      details: { place: store.place },
    });
  }
}

async function statObject(store: Store, key: string): Promise<ObjectStat | null> {
  const full = fullKey(store, key);
  try {
    const found = await retried(store, () => store.bucket.head(full));
    if (found === null && !key.startsWith(PROBE_FOLDER)) await requireRepository(store);
    return found === null ? null : { ...found, key };
  } catch (error) {
    // A HEAD that is refused has no words; a GET is refused with them.
    if (isStoreFault(error, 'denied', 'refused', 'keys')) await reading(store, key, (at) => readRange(store, at, 0, 1));
    throw faultOf(store, error, key, 'read');
  }
}

async function* listObjects(store: Store, prefix: string): AsyncGenerator<ObjectStat> {
  let some = false;
  try {
    for await (const object of listAll(store, store.root + prefix)) {
      some = true;
      const key = object.key.slice(store.root.length);
      if (isSafeKey(key)) yield { ...object, key };
    }
  } catch (error) {
    throw faultOf(store, error, prefix, 'read');
  }
  if (!some && !prefix.startsWith(PROBE_FOLDER)) await requireListing(store);
}

/** An empty list is believed only where a list of what must be there is not empty: some faults look like emptiness. */
async function requireListing(store: Store): Promise<void> {
  await requireRepository(store);
  const page = await retried(store, () => store.bucket.page(store.root + REPO_KEY, undefined, 1)).catch(
    (error: unknown) => {
      throw faultOf(store, error, REPO_KEY, 'read');
    },
  );
  if (page.objects[0]?.key === store.root + REPO_KEY) return;
  throw fail('REPO_READ_FAILED', {
    what: `The list of ${store.place} is empty although ${REPO_KEY} is there, so no list of it is believed`,
    next: 'Check that these keys may list the bucket, and the health of the store',
    details: { place: store.place },
  });
}

async function spoiled(
  store: Store,
  key: string,
  bytes: Uint8Array,
  spoil: 'checksum' | 'tear',
): Promise<'refused' | 'accepted'> {
  try {
    await store.bucket.put(fullKey(store, key), bytes, { spoil });
    return 'accepted';
  } catch (error) {
    if (spoil === 'tear' || isStoreFault(error, 'refused')) return 'refused';
    throw faultOf(store, error, key, 'write');
  }
}
