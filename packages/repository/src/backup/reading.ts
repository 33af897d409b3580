import { fail, hasCode, hashedName } from '@milvault/shared';
import type { RepositoryContext } from '../context.ts';
import { makeKey, parseKey, readingFolder, type BackupRef } from '../format/names.ts';
import { whyLeaving } from './leaving.ts';

/** Somebody reads a backup for long, and needs it whole until then. */
export interface Reading {
  /** Any text: the same for every try of one reader. */
  readonly reader: string;
  /** When it is over at latest, in milliseconds since 1970: one that died keeps nothing for longer. */
  readonly until: number;
}

const WRITE_FAULTS = ['REPO_NOT_WRITABLE', 'REPO_ACCESS_DENIED', 'REPO_WRITE_FAILED', 'REPO_FULL'] as const;

/**
 * {@link import('../port.ts').Repository.beginReading}
 *
 * In the order of a borrower. A repository that cannot be written can still be read: where a store is read-only for us,
 * there may be nobody else to delete from it either.
 */
export async function beginReading(context: RepositoryContext, ref: BackupRef, reading: Reading): Promise<void> {
  const { reader, until } = reading;
  await endReading(context, ref, reader);
  try {
    const readerId = hashedName(reader);
    await context.driver.create(makeKey({ kind: 'reading', ...ref, until, readerId }), new TextEncoder().encode('{}'));
  } catch (error) {
    if (!hasCode(error, ...WRITE_FAULTS)) throw error;
    context.logger.warn({ err: error }, 'nothing keeps the backup from being deleted while it is read');
    return;
  }
  const why = await whyLeaving(context, ref);
  if (why === null) return;
  await endReading(context, ref, reader);
  throw fail('BACKUP_NOT_FOUND', {
    what: `The backup ${ref.backupId} is being deleted: ${why}`,
    details: { backup: ref.backupId },
  });
}

/** {@link import('../port.ts').Repository.endReading} */
export async function endReading(context: RepositoryContext, ref: BackupRef, reader: string): Promise<void> {
  const readerId = hashedName(reader);
  for (const one of await readingsOf(context, ref))
    if (one.readerId === readerId) await removeReading(context, one.key);
}

async function removeReading(context: RepositoryContext, key: string): Promise<void> {
  try {
    await context.driver.remove(key);
  } catch (error) {
    if (!hasCode(error, ...WRITE_FAULTS)) throw error;
    context.logger.warn({ err: error, object: key }, 'the mark of a reader could not be removed, and ends by itself');
  }
}

/** All marks of readers, those that are over, too. */
export async function readingsOf(
  context: RepositoryContext,
  ref: BackupRef,
): Promise<{ readonly key: string; readonly readerId: string; readonly until: number }[]> {
  const marks = [];
  for await (const { key } of context.driver.list(readingFolder(ref))) {
    const name = parseKey(key);
    if (name?.kind === 'reading') marks.push({ key, readerId: name.readerId, until: name.until });
  }
  return marks;
}
