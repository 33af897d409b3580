import type { MilvusClient } from '@milvault/milvus';
import { fail } from '@milvault/shared';
import { fullName } from '../names.ts';
import type { Target } from './targets.ts';

/** TARGET_EXISTS, with all names that are taken, by collections or by aliases. */
export async function requireFree(
  client: MilvusClient,
  targets: readonly Target[],
  databases: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const taken: string[] = [];
  for (const { to } of targets) {
    // A server answers for an alias as for a collection.
    if (databases.includes(to.database) && (await client.hasCollection(to, signal))) taken.push(fullName(to));
  }
  if (taken.length === 0) return;
  throw fail('TARGET_EXISTS', {
    what:
      taken.length === 1
        ? `${taken[0] ?? ''} is on the target already`
        : `${taken.length} names are taken on the target`,
    expected: 'names that no collection and no alias of the target has',
    got: taken.join(', '),
    details: { taken },
  });
}
