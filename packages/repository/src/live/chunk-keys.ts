import { readChunkBytes, readDead } from '../backup/read.ts';
import { parseKeyText } from '../backup/keys.ts';
import type { RepositoryContext } from '../context.ts';
import { decodeKeys, type DecodedKeys } from '../format/chunk-read.ts';
import { damaged } from '../format/json.ts';
import type { ChunkEntry } from '../port.ts';
import { compareRawKeys, rawKeysOf, toRawKey, type RawKeys } from './raw-keys.ts';

/** What tells the rows of one chunk apart, and which of them are no longer there. */
export interface ChunkKeys {
  readonly keys: RawKeys;
  readonly prints: Uint8Array;
  readonly dead: Uint8Array | null;
}

/**
 * Reads a chunk whole, so that its hash is checked, and keeps its keys and fingerprints: nothing is borrowed of a file
 * that changed since it was written.
 */
export async function readChunkKeys(
  context: RepositoryContext,
  type: 'Int64' | 'VarChar',
  chunk: ChunkEntry,
): Promise<ChunkKeys> {
  const dead = await readDead(context, chunk);
  const { key, fingerprints, rows } = decoded(chunk, await readChunkBytes(context, chunk));
  const keys = rawKeysOf(key);
  const expected = chunk.deletions?.fileRows ?? chunk.rows;
  if (rows !== expected) throw damaged(chunk.key, `it holds ${rows} rows instead of ${expected}`);
  for (const [row, text] of [
    [0, chunk.keyMin],
    [rows - 1, chunk.keyMax],
  ] as const) {
    if (compareRawKeys(keys.at(row), toRawKey(parseKeyText(type, text))) !== 0) {
      throw damaged(chunk.key, 'its first and last key are not those of the index');
    }
  }
  return { keys, prints: fingerprints, dead };
}

function decoded(chunk: ChunkEntry, bytes: Uint8Array): DecodedKeys {
  try {
    return decodeKeys(bytes);
  } catch (error) {
    throw damaged(chunk.key, error instanceof Error ? error.message : String(error), error);
  }
}
