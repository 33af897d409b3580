import type { Proof } from './backup.ts';

/**
 * How a backup stands by all that checks have found: damage that no later and equally deep check found gone; else the
 * deepest check that found it well; else one that came to no end. Null where nobody has looked.
 */
export function standing(proofs: readonly Proof[]): Proof | null {
  const well = proofs.filter(({ result }) => result === 'ok').sort((a, b) => b.level - a.level || b.at - a.at);
  const damage = proofs.find(
    (bad) => bad.result === 'damaged' && !well.some((ok) => ok.level >= bad.level && ok.at > bad.at),
  );
  return damage ?? well[0] ?? proofs[0] ?? null;
}
