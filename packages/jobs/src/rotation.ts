import type { Backup } from '@milvault/shared';

/** One firing of a schedule that proves stored backups in turn. */
export interface Turn {
  /** Of the proof that counts: this level or a deeper one. */
  readonly level: 2 | 3 | 4;
  /** In so many firings in a row every backup has its turn. */
  readonly runs: number;
  /** When this firing was due, and the one that was `runs - 1` firings earlier; milliseconds since 1970. */
  readonly slot: number;
  readonly since: number;
}

/**
 * The backups whose turn it is: an equal share of all, those first that waited longest, and whoever would otherwise
 * wait longer than promised. So a backup that is stored through `runs` firings in a row is proved by one of them,
 * however many come and go meanwhile. A proof that came to no end (`unknown`) does not count.
 *
 * For one slot the answer stays the same while its checks go on: what they have proved already is part of its share.
 */
export function inTurn(backups: readonly Backup[], { level, runs, slot, since }: Turn): Backup[] {
  const stored = backups.filter(({ committedAt }) => committedAt < slot);
  const waiting = stored
    .map((backup) => ({ backup, from: provedAt(backup, level) ?? backup.committedAt }))
    .filter(({ from }) => from < slot)
    .sort((a, b) => a.from - b.from || (a.backup.id < b.backup.id ? -1 : 1));
  const share = Math.ceil(stored.length / runs) - (stored.length - waiting.length);
  return waiting.filter(({ from }, place) => place < share || from < since).map(({ backup }) => backup);
}

/** When a backup was last found well or damaged at this level or a deeper one; null for never. */
export const provedAt = ({ proofs }: Pick<Backup, 'proofs'>, level: number): number | null =>
  proofs.reduce<number | null>(
    (newest, proof) =>
      proof.level < level || proof.result === 'unknown' || (newest !== null && newest >= proof.at) ? newest : proof.at,
    null,
  );
