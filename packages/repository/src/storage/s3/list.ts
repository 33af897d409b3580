import { StoreFault } from './faults.ts';
import type { Bucket, Listed, Page } from './bucket.ts';
import { retried, type Patience } from './retry.ts';

/** What S3 gives at most in one answer. */
export const PAGE_KEYS = 1_000;

/**
 * Every object below a prefix in key order, page by page. A page that stays away, a key out of order or one that was not
 * asked for rejects: what could not be listed whole is not listed.
 */
export async function* listAll(store: Patience & { readonly bucket: Bucket }, prefix: string): AsyncGenerator<Listed> {
  let last = '';
  let next: string | undefined;
  do {
    const page: Page = await retried(store, () => store.bucket.page(prefix, next, PAGE_KEYS));
    for (const object of page.objects) {
      if (!object.key.startsWith(prefix) || object.key <= last) {
        throw new StoreFault('refused', `the store lists ${object.key} where it cannot be, after ${last || 'nothing'}`);
      }
      last = object.key;
      yield object;
    }
    if (page.next !== undefined && page.next === next) throw new StoreFault('refused', 'a list comes to no end');
    next = page.next;
  } while (next !== undefined);
}
