import { fail, type MilvaultError } from '@milvault/shared';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import Value from 'typebox/value';
import { sha256 } from './hash.ts';

/** Larger objects are refused before they are parsed. An index has about 400 bytes for each chunk. */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024;
export const MAX_INDEX_BYTES = 256 * 1024 * 1024;

const SEAL = ',"sha256":"';
const SEAL_LENGTH = SEAL.length + 64 + '"}'.length;

/**
 * A JSON object whose hash its parent holds: one line of UTF-8. INTERNAL where a reader would refuse it: what cannot be
 * read must never be written.
 */
export function encodeJson<T extends TSchema>(schema: T, value: Static<T>): Uint8Array {
  return readable(schema, JSON.stringify(value), MAX_INDEX_BYTES);
}

/**
 * A JSON object that nothing else holds a hash of: its last member `sha256` is the hash of all bytes before
 * `,"sha256":"`, so that a flipped bit shows. INTERNAL as {@link encodeJson}.
 */
export function encodeSealed<T extends TSchema>(schema: T, value: Static<T>): Uint8Array {
  const body = JSON.stringify(value).slice(0, -1);
  return readable(schema, `${body}${SEAL}${sha256(Buffer.from(body, 'utf8'))}"}`, MAX_RECORD_BYTES);
}

function readable(schema: TSchema, text: string, limit: number): Uint8Array {
  const bytes = Buffer.from(text, 'utf8');
  try {
    if (bytes.length > limit) throw new RangeError(`it has ${bytes.length} bytes, and ${limit} are allowed`);
    decodeJson(schema, bytes, 'it');
    return bytes;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw fail('INTERNAL', {
      what: `An object of the repository was not written, since none could read it: ${why}`,
      cause,
    });
  }
}

/** A whole object of at most `limit` bytes. OBJECT_DAMAGED where it is longer. */
export async function readLimited(
  driver: { getRange(key: string, offset: number, length: number): Promise<Uint8Array> },
  key: string,
  limit: number,
): Promise<Uint8Array> {
  const bytes = await driver.getRange(key, 0, limit + 1);
  if (bytes.length > limit) throw damaged(key, `it is longer than ${limit} bytes`);
  return bytes;
}

export const damaged = (key: string, why: string, cause?: unknown): MilvaultError =>
  fail('OBJECT_DAMAGED', {
    what: `${key} is damaged: ${why}`,
    details: { key },
    ...(cause === undefined ? {} : { cause }),
  });

/** Parses an object whose bytes were checked already. OBJECT_DAMAGED where it does not fit its schema. */
export function decodeJson<T extends TSchema>(schema: T, bytes: Uint8Array, key: string): Static<T> {
  const value = Value.Clean(schema, parseText(bytes, key));
  if (checkerOf(schema).Check(value)) return value;
  const [first] = Value.Errors(schema, value);
  throw damaged(key, `${first?.instancePath ?? ''} ${first?.message ?? 'does not fit its schema'}`.trim());
}

/** A compiled check is forty times as fast: the index of a large collection lists tens of thousands of chunks. */
const checkers = new WeakMap<TSchema, { Check(value: unknown): boolean }>();

function checkerOf<T extends TSchema>(schema: T): { Check(value: unknown): value is Static<T> } {
  const checker = checkers.get(schema) ?? Compile(schema);
  checkers.set(schema, checker);
  // The map cannot say that a schema's checker proves the type of that schema.
  return checker as { Check(value: unknown): value is Static<T> };
}

/** Checks the seal, then parses. */
export function decodeSealed<T extends TSchema>(schema: T, bytes: Uint8Array, key: string): Static<T> {
  const body = bytes.subarray(0, Math.max(0, bytes.length - SEAL_LENGTH));
  const seal = Buffer.from(bytes.subarray(body.length)).toString('latin1');
  if (seal !== `${SEAL}${sha256(body)}"}`) throw damaged(key, 'its own hash does not fit its bytes');
  return decodeJson(schema, bytes, key);
}

export function parseText(bytes: Uint8Array, key: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw damaged(key, 'it is not JSON', error);
  }
}
