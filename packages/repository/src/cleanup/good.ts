import type { Proof } from '@milvault/shared';

/** No check says `damaged` without a later check, at least as deep, that says `ok`. */
export const isGood = (proofs: readonly Proof[]): boolean =>
  proofs.every(
    (bad) =>
      bad.result !== 'damaged' || proofs.some((ok) => ok.result === 'ok' && ok.level >= bad.level && ok.at > bad.at),
  );
