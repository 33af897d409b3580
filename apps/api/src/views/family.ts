import type { Backup } from '@milvault/shared';

/**
 * The full that a backup goes back to and all that borrow from it: parents before their children, older ones first. A
 * base that is gone ends the way up.
 */
export function familyOf(backup: Backup, all: readonly Backup[]): Backup[] {
  const byId = new Map(all.map((one) => [one.id, one]));
  const children = new Map<string, Backup[]>();
  for (const one of [...all].sort((a, b) => a.committedAt - b.committedAt)) {
    if (one.base !== null) children.set(one.base, [...(children.get(one.base) ?? []), one]);
  }
  let root = byId.get(backup.id) ?? backup;
  for (let base = root.base; base !== null; base = root.base) {
    const parent = byId.get(base);
    if (parent === undefined) break;
    root = parent;
  }
  const family = [root];
  // Grows while it is walked: each one brings its children.
  for (const one of family) family.push(...(children.get(one.id) ?? []));
  return family;
}
