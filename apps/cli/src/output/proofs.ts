import type { Backup, Proof } from '@milvault/shared';
import type { Style } from '../terminal.ts';

/** How far a backup is proved: the highest level that was checked, and damage before anything else. */
export function proofText(proofs: readonly Proof[]): string {
  const damaged = proofs.find((proof) => proof.result === 'damaged');
  if (damaged !== undefined) return `DAMAGED (level ${String(damaged.level)})`;
  const best = proofs.filter((proof) => proof.result === 'ok').sort((a, b) => b.level - a.level)[0];
  if (best !== undefined) return best.level === 4 ? 'drilled' : `level ${String(best.level)} ok`;
  return proofs.length === 0 ? 'not yet' : 'unknown';
}

/** The colour of that text. */
export const paintProof = (style: Style) => (text: string, backup: Backup) => {
  if (backup.proofs.some((proof) => proof.result === 'damaged')) return style.bad(text);
  return backup.proofs.some((proof) => proof.result === 'ok') ? style.good(text) : style.doubtful(text);
};
