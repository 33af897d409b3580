import { standing, type Backup, type Proof } from '@milvault/shared';
import type { Style } from '../terminal.ts';
import { day } from './text.ts';

/** How far a backup is proved and when it was: the deepest check that found it well, and damage before anything else. */
export function proofText(proofs: readonly Proof[]): string {
  const proof = standing(proofs);
  if (proof === null) return 'not yet';
  const level = `level ${String(proof.level)}`;
  if (proof.result === 'damaged') return `DAMAGED (${level}), ${day(proof.at)}`;
  if (proof.result === 'unknown') return `unknown, ${day(proof.at)}`;
  return `${proof.level === 4 ? 'drilled' : `${level} ok`}, ${day(proof.at)}`;
}

/** The colour of that text. */
export const paintProof = (style: Style) => (text: string, backup: Backup) => {
  const result = standing(backup.proofs)?.result;
  return result === 'damaged' ? style.bad(text) : result === 'ok' ? style.good(text) : style.doubtful(text);
};
