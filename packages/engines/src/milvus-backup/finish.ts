import type { CommitInput } from '@milvault/repository';
import type { BackupPlan } from '../port.ts';
import { fullName } from '../rows/names.ts';
import { warning } from '../rows/warnings.ts';
import { fail, type Warning } from '@milvault/shared';
import type { ServerPart, ServerPartResult } from './backup.ts';

/** What every backup by the server is without. */
export const knownBefore = (): Warning[] => [warning('TOOL_KEEPS_DATA'), warning('TOOL_LEAVES_OUT')];

/** Counted by milvault before and after; a count that moved says nothing of what was saved. */
export function finishBackup(
  plan: BackupPlan,
  part: ServerPart,
  result: ServerPartResult,
  countsAfter: ReadonlyMap<string, number>,
): CommitInput {
  const collections = plan.collections.map(({ definition, countBefore }) => {
    const { database, collection } = definition;
    const size = result.sizes.find((one) => one.database === database && one.collection === collection);
    const still = countsAfter.get(fullName(definition)) === countBefore;
    return { database, collection, rows: still ? countBefore : null, bytes: size?.bytes ?? null };
  });
  requireAll(part, result, collections);
  const rows = collections.reduce<number | null>(
    (sum, one) => (sum === null || one.rows === null ? null : sum + one.rows),
    0,
  );
  return {
    engine: 'milvus-backup',
    databases: [],
    collections: [],
    consistency: 'fuzzy',
    warnings: [
      ...plan.warnings,
      ...knownBefore(),
      ...(rows === null ? [warning('CONSISTENCY_FUZZY')] : []),
      ...(result.leftovers.length === 0 ? [] : [warning('TOOL_LEFTOVERS', {}, result.leftovers.join(', '))]),
    ],
    tool: { api: part.api, name: result.name, key: result.key, rows, bytes: result.size, collections },
  };
}

/** The server calls a backup that left a collection out a success. */
function requireAll(
  { api }: ServerPart,
  { sizes, name }: ServerPartResult,
  collections: readonly { readonly database: string; readonly collection: string }[],
): void {
  if (sizes.length === 0) return;
  const missing = collections.filter(
    (one) => !sizes.some(({ database, collection }) => database === one.database && collection === one.collection),
  );
  if (missing.length === 0) return;
  throw fail('TOOL_REFUSED', {
    what: `The milvus-backup server at ${api} called ${name} a success and left collections out`,
    expected: missing.map(fullName).join(', '),
    got: sizes.map(fullName).join(', '),
  });
}
