import type { PrimaryKey } from '@milvault/shared';
import { readPayloads } from './payload.ts';
import type { Binlog } from './events.ts';

/** One deletion: rows with this key that are older than `at` are gone. */
export interface LoggedDeletion {
  readonly key: PrimaryKey;
  readonly at: bigint;
}

/** VarChar, or String as older versions name it. */
const TEXT_TYPES = [20, 21];

/**
 * The deletions of a delta log: JSON objects `{"pk", "ts", "pkType"}`, or `key,timestamp` as Milvus wrote them before
 * text could be a key. Throws a plain Error.
 */
export function readDeltaLog({ payloads }: Pick<Binlog, 'payloads'>): LoggedDeletion[] {
  const data = readPayloads(payloads, { type: 'VarChar' });
  if (data.kind !== 'bytes') throw new Error('deletions are no texts');
  return data.values.map((value) =>
    readDeletion(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8')),
  );
}

const PLAIN = /^(-?\d+),(\d+)$/;
/** Milvus writes the members in this order; a number is never parsed as one of JavaScript, which would round it. */
const OBJECT = /^\{"pk":(-?\d+|"(?:[^"\\]|\\.)*"),"ts":(\d+),"pkType":(\d+)\}$/s;

/** One text of a delta log. Throws a plain Error. */
export function readDeletion(text: string): LoggedDeletion {
  const [, key, at, type] = OBJECT.exec(text) ?? PLAIN.exec(text) ?? [];
  if (key === undefined || at === undefined) throw new Error(`a deletion that cannot be read: ${text.slice(0, 80)}`);
  if (!key.startsWith('"')) return { key: BigInt(key), at: BigInt(at) };
  if (!TEXT_TYPES.includes(Number(type))) throw new Error('a text is the key of a deletion of numbers');
  return { key: String(JSON.parse(key)), at: BigInt(at) };
}
