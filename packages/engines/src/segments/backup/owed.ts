import { inspectLog, TIMESTAMP_FIELD, type ObjectReader } from '@milvault/repository';
import { hasCode } from '@milvault/shared';
import { filesOf, type Look } from './look.ts';

/**
 * Whether a look has rows or deletions up to the moment that one before it, after a flush, had not. Timestamps and deletions
 * tell; a file that cannot be read yet may hold some.
 */
export async function bringsOwed(storage: ObjectReader, once: Look, look: Look, upTo: string | null): Promise<boolean> {
  if (upTo === null) return false;
  const known = new Set(filesOf(once).map(({ source }) => source));
  for (const { source, field } of filesOf(look)) {
    if (known.has(source) || (field !== undefined && field !== TIMESTAMP_FIELD)) continue;
    const from = firstTime(await storage.get(source), source);
    if (from === null || from <= BigInt(upTo)) return true;
  }
  return false;
}

function firstTime(bytes: Uint8Array, source: string): bigint | null {
  try {
    return inspectLog(bytes, source).log.from;
  } catch (error) {
    if (!hasCode(error, 'OBJECT_DAMAGED')) throw error;
    return null;
  }
}
