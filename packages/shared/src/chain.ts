import type { Backup, RowChanges } from './resources/backup.ts';

/** The backup, its base, the base of that, and so on to the full. An older link may be gone: nothing needs it any more. */
export function chainOf(backup: Backup, backups: readonly Backup[]): Backup[] {
  const byId = new Map(backups.map((one) => [one.id, one]));
  const chain = [backup];
  for (let base = backup.base; base !== null;) {
    const next = byId.get(base);
    if (next === undefined || chain.includes(next)) break;
    chain.push(next);
    base = next.base;
  }
  return chain;
}

/** The rows that a backup found new, changed and gone, over all its collections; null where it read every one whole. */
export function changesOf({ collections }: Pick<Backup, 'collections'>): RowChanges | null {
  const told = collections.flatMap(({ changes }) => changes ?? []);
  if (told.length === 0) return null;
  const sum = (field: 'added' | 'changed' | 'deleted'): number => told.reduce((all, one) => all + one[field], 0);
  return { added: sum('added'), changed: sum('changed'), deleted: sum('deleted') };
}
