import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { servers } from './servers.ts';

const SCRIPT = fileURLToPath(new URL('oracle/chain.py', import.meta.url));
const run = promisify(execFile);

/** What the oracle changed in a step, and the collections that are there after it. */
export interface ChainStep {
  readonly did: readonly string[];
  readonly collections: readonly { readonly database: string; readonly collection: string }[];
}

/** Step 0 makes the collections; each later one changes them, all by the seed. */
export async function chainStep(address: string, prefix: string, seed: string, step: number): Promise<ChainStep> {
  const { stdout } = await run(servers().python, [SCRIPT, 'step', address, prefix, seed, String(step)]);
  const said = JSON.parse(stdout) as { did: string[]; collections: [string, string][] };
  return { did: said.did, collections: said.collections.map(([database, collection]) => ({ database, collection })) };
}
