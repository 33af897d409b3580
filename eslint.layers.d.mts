import type { Linter } from 'eslint';

/** One ESLint entry per folder that a layer or a vendor's door speaks of. */
export function layerRules(): Linter.Config[];
