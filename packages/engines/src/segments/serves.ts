import { hasCode } from '@milvault/shared';
import type { EngineContext, EngineSource } from '../port.ts';
import type { Session } from '../rows/connect.ts';
import { holdsSegment, storageOf } from './storage.ts';

/**
 * Why this engine cannot back up a source whose storage is told; null where it can: the storage can be read, and a
 * segment that the server says it holds lies there.
 */
export async function whyNot(
  { client, lite }: Session,
  source: EngineSource,
  { clock, signal }: EngineContext,
): Promise<string | null> {
  if (lite) return 'Milvus Lite keeps no files of the kind that can be copied';
  const storage = storageOf(source, clock);
  try {
    for (const { name: database } of await client.databases(signal)) {
      for (const collection of await client.collections(database, signal)) {
        const segments = await client.persistentSegments({ database, collection }, signal);
        if (segments.some((one) => one.onlyDeletions)) return 'it keeps deletions in segments of their own (level 0)';
        const known = segments.find((one) => one.rows > 0);
        if (known === undefined) continue;
        return (await holdsSegment(storage, known)) ? null : `${storage.place} does not hold segment ${known.id}`;
      }
    }
    return 'it holds no segment by which its storage could be known';
  } catch (error) {
    if (!hasCode(error, 'STORAGE_UNREACHABLE', 'STORAGE_DENIED', 'SOURCE_UNSUPPORTED', 'SOURCE_REJECTED')) throw error;
    return error.message;
  }
}
