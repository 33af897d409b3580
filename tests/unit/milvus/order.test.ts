import { compareKeys, type PrimaryKey, type RowBatch } from '@milvault/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyColumnOf, orderRows } from '../../../packages/milvus/src/columns/order.ts';

function batchOf(keys: PrimaryKey[]): RowBatch {
  const int64 = typeof keys[0] === 'bigint';
  return {
    rows: keys.length,
    primaryKey: 'id',
    columns: [
      {
        field: { name: 'id', type: int64 ? 'Int64' : 'VarChar', nullable: false },
        data: int64
          ? { kind: 'int64', values: BigInt64Array.from(keys as bigint[]) }
          : { kind: 'bytes', values: keys.map((key) => Buffer.from(String(key))) },
        valid: null,
      },
      {
        field: { name: 'place', type: 'Int32', nullable: true },
        data: { kind: 'int32', values: Int32Array.from(keys.keys()) },
        valid: Uint8Array.from(keys.keys(), (row) => row % 2),
      },
    ],
  };
}

const keyColumn = (batch: RowBatch): ReturnType<typeof keyColumnOf> => keyColumnOf(batch.columns[0]!);

describe('Rows of a page', () => {
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const few = fc.bigInt({ min: -3n, max: 3n });
  it.each<[string, fc.Arbitrary<PrimaryKey>]>([
    ['int64 keys', int64],
    ['int64 keys that repeat', few],
    ['text keys', fc.string({ unit: 'binary' })],
    ['text keys beyond U+FFFF', fc.constantFrom('\uffff', '😀', '\ue000', 'a', '')],
  ])('with %s come in key order, each key once, the first of them kept, other columns beside them', (_, keys) => {
    fc.assert(
      fc.property(fc.array(keys, { minLength: 1, maxLength: 60 }), (given) => {
        const batch = batchOf(given);
        const { batch: ordered, duplicates } = orderRows(batch, keyColumn(batch));
        const expected = [...new Set(given)].sort(compareKeys);
        expect(Array.from({ length: ordered.rows }, (_, row) => keyColumn(ordered).at(row))).toEqual(expected);
        expect(duplicates).toBe(given.length - expected.length);
        const places = expected.map((key) => given.indexOf(key));
        expect(ordered.columns[1]?.data).toEqual({ kind: 'int32', values: Int32Array.from(places) });
        expect(ordered.columns[1]?.valid).toEqual(Uint8Array.from(places, (place) => place % 2));
      }),
    );
  });

  it('that are in order already are passed on as they are', () => {
    const batch = batchOf([-5n, 0n, 7n]);
    expect(orderRows(batch, keyColumn(batch)).batch).toBe(batch);
  });

  it('with a key that is no UTF-8 are refused', () => {
    const batch = batchOf(['a']);
    const broken = { ...batch.columns[0]!, data: { kind: 'bytes' as const, values: [Uint8Array.of(0xff)] } };
    expect(() => keyColumnOf(broken).at(0)).toThrow(expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }));
  });
});
