import { ask } from './oracle/ask.ts';

/** What the oracle changed in a step, and the collections that are there after it. */
export interface ChainStep {
  readonly did: readonly string[];
  readonly collections: readonly { readonly database: string; readonly collection: string }[];
}

/** Step 0 makes the collections; each later one changes them, all by the seed. */
export async function chainStep(address: string, prefix: string, seed: string, step: number): Promise<ChainStep> {
  const said = await ask<{ did: string[]; collections: [string, string][] }>('chain', [
    address,
    prefix,
    seed,
    String(step),
  ]);
  return { did: said.did, collections: said.collections.map(([database, collection]) => ({ database, collection })) };
}
