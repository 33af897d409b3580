import type { Repository, VerifyOptions } from '@milvault/repository';
import type { Clock, VerifyReport } from '@milvault/shared';

/** What a tool says of one of its backups; `damage` is what is wrong with it, for people. */
export type ToolWord =
  { readonly damage: null } | { readonly damage: string; readonly code: 'OBJECT_MISSING' | 'OBJECT_DAMAGED' };

/**
 * A check of a backup that a tool keeps: our record of it, then the word of the tool. Whatever level was asked for, it is
 * told as level 0 with who said so, because milvault reads none of the data.
 */
export async function checkByTool(
  repository: Repository,
  id: string,
  options: VerifyOptions,
  clock: Clock,
  ask: (name: string) => Promise<{ readonly word: ToolWord; readonly by: string }>,
): Promise<VerifyReport> {
  const started = clock.monotonic();
  const own = await repository.verify(id, { ...options, level: 0 });
  if (own.result !== 'ok') return own;
  const backup = await repository.find(id);
  const name = backup.tool?.name ?? backup.name;
  const { word, by } = await ask(name);
  const at = clock.now();
  const report: VerifyReport = {
    ...own,
    result: word.damage === null ? 'ok' : 'damaged',
    at,
    durationMs: Math.round(clock.monotonic() - started),
    rows: backup.rows,
    damages: word.damage === null ? [] : [{ code: word.code, object: name, message: word.damage }],
    by,
  };
  await repository.addProof(backup.id, { level: 0, result: report.result, at, by }, { ...report });
  return report;
}
