import { newId } from '@milvault/shared';
import { isStoreFault } from './faults.ts';
import { isPassing, pauseMs, retried, type Patience } from './retry.ts';
import type { Bucket } from './bucket.ts';

interface Store extends Patience {
  readonly bucket: Bucket;
}

/**
 * Writes an object only where there is none. 200 is won, 409 is asked again. On 412, and where no answer came, nobody
 * knows: an earlier try of ours may be what is there (aws-sdk-java-v2 #6580, icechunk #2099). So it is read back: it is
 * ours if it has the token of this call, or, where the store keeps no tokens, the same bytes.
 */
export async function createObject(store: Store, key: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
  const { bucket, clock, limits } = store;
  const token = newId(clock);
  for (let tries = 1; ; tries += 1) {
    try {
      await bucket.put(key, bytes, { onlyNew: { token } });
      return 'created';
    } catch (error) {
      const last = tries >= limits.tries;
      if (isStoreFault(error, 'exists') || (last && isPassing(error))) {
        const found = await readBack(store, key, bytes, token);
        if (found !== null) return found;
      }
      // Nothing there after all: it was removed in between, or never arrived.
      if (last || !(isPassing(error) || isStoreFault(error, 'exists'))) throw error;
      await clock.sleep(pauseMs(limits, tries));
    }
  }
}

/** Whose object lies there; null: none. */
async function readBack(
  store: Store,
  key: string,
  bytes: Uint8Array,
  token: string,
): Promise<'created' | 'exists' | null> {
  try {
    const there = await retried(store, () => store.bucket.get(key));
    const ours = there.token === null ? Buffer.compare(there.bytes, bytes) === 0 : there.token === token;
    return ours ? 'created' : 'exists';
  } catch (error) {
    if (isStoreFault(error, 'missing')) return null;
    throw error;
  }
}
