import { standing, type Proof } from '@milvault/shared';

/** No check says `damaged` without a later check, at least as deep, that says `ok`. */
export const isGood = (proofs: readonly Proof[]): boolean => standing(proofs)?.result !== 'damaged';
