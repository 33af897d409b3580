import { vectorWidth, type Column, type ColumnData, type DataTypeName, type FieldShape } from '@milvault/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeColumn, openFieldData as open, type FieldData } from '../../../packages/milvus/src/columns/decode.ts';
import { encodeColumn } from '../../../packages/milvus/src/columns/encode.ts';
import { joined } from '../../../packages/milvus/src/protocol/wire.ts';
import { decodeByOracle, encodeByOracle } from './oracle.ts';

/** As the transport hands it on: a plain array, not a Buffer. */
const openFieldData = (bytes: Uint8Array): FieldData => open(new Uint8Array(bytes));

const FIELD_DATA = 'milvus.proto.schema.FieldData';
const roundTrip = (column: Column, marks: boolean, from = 0, to = rowsOf(column)): Column => {
  const bytes = joined(encodeColumn(column, { marks, dynamic: false }, from, to));
  return decodeColumn(openFieldData(bytes), column.field, to - from);
};
const rowsOf = ({ data }: Column): number =>
  data.kind === 'fixed' ? data.bytes.length / data.width : data.values.length;

const DIM = 8;
const int32 = fc.oneof(fc.integer(), fc.constantFrom(-1, 0, 127, 128, -(2 ** 31), 2 ** 31 - 1));
const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(-1n, 0n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 35n - 1n, 2n ** 35n, -(2n ** 63n), 2n ** 63n - 1n),
  fc.nat(62).map((bit) => 2n ** BigInt(bit)),
);
const blob = fc.uint8Array({ maxLength: 40 });
const rows = { maxLength: 30 };

/** Any column of any type: some rows null, null rows blank, as a batch has them. */
const columns: fc.Arbitrary<Column> = fc.oneof(
  ...(['Int8', 'Int16', 'Int32'] as const).map((type) =>
    fc.array(int32, rows).map((values) => dense(type, { kind: 'int32', values: Int32Array.from(values) })),
  ),
  fc
    .array(fc.constantFrom(0, 1), rows)
    .map((values) => dense('Bool', { kind: 'int32', values: Int32Array.from(values) })),
  fc.array(int64, rows).map((values) => dense('Int64', { kind: 'int64', values: BigInt64Array.from(values) })),
  fc.array(fc.float(), rows).map((values) => dense('Float', { kind: 'float32', values: Float32Array.from(values) })),
  fc.array(fc.double(), rows).map((values) => dense('Double', { kind: 'float64', values: Float64Array.from(values) })),
  ...(['VarChar', 'JSON', 'Geometry', 'Timestamptz'] as const).map((type) =>
    fc.array(blob, rows).map((values) => dense(type, { kind: 'bytes', values })),
  ),
  fc
    .array(fc.uint8Array({ minLength: 1, maxLength: 40 }), rows)
    .map((values) => dense('Array', { kind: 'bytes', values })),
  ...(['FloatVector', 'BinaryVector', 'Float16Vector', 'BFloat16Vector', 'Int8Vector'] as const).map((type) => {
    const width = vectorWidth(type, DIM);
    return fc
      .array(fc.uint8Array({ minLength: width, maxLength: width }), rows)
      .map((all) => dense(type, { kind: 'fixed', width, bytes: new Uint8Array(Buffer.concat(all)) }));
  }),
);

function dense(type: DataTypeName, data: ColumnData): Column {
  const field: FieldShape = {
    name: 'a field',
    type,
    nullable: true,
    ...(type === 'Array' ? { elementType: 'Int64' as const } : {}),
    ...(data.kind === 'fixed' ? { dim: DIM } : {}),
  };
  return { field, data, valid: null };
}

function withNulls(column: Column, nulls: readonly boolean[]): Column {
  const valid = Uint8Array.from({ length: rowsOf(column) }, (_, row) => (nulls[row] === true ? 0 : 1));
  if (!valid.includes(0)) return column;
  const data = column.data;
  const at = (row: number): boolean => valid[row] === 0;
  if (data.kind === 'bytes') {
    return {
      ...column,
      valid,
      data: { kind: 'bytes', values: data.values.map((v, i) => (at(i) ? new Uint8Array(0) : v)) },
    };
  }
  if (data.kind === 'fixed') {
    const bytes = data.bytes.slice();
    valid.forEach((mark, row) => mark === 0 && bytes.fill(0, row * data.width, (row + 1) * data.width));
    return { ...column, valid, data: { ...data, bytes } };
  }
  valid.forEach(
    (mark, row) => mark === 0 && (data.kind === 'int64' ? (data.values[row] = 0n) : (data.values[row] = 0)),
  );
  return { ...column, valid };
}

describe('A column', () => {
  it('of any type comes back from the wire as it went there, bit by bit', () => {
    fc.assert(
      fc.property(columns, (column) => {
        expect(roundTrip(column, false)).toEqual(column);
      }),
      { numRuns: 500 },
    );
  });

  it('with nulls comes back with the same nulls', () => {
    fc.assert(
      fc.property(columns, fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }), (column, nulls) => {
        const nulled = withNulls(column, nulls);
        expect(roundTrip(nulled, true)).toEqual(nulled);
      }),
      { numRuns: 500 },
    );
  });

  it('can be sent in parts', () => {
    const values = BigInt64Array.from([1n, -5n, 2n ** 40n, 7n]);
    const column: Column = { ...dense('Int64', { kind: 'int64', values }), valid: Uint8Array.of(1, 0, 1, 1) };
    const part = roundTrip(column, true, 1, 3);
    expect(part.valid).toEqual(Uint8Array.of(0, 1));
    expect(part.data).toEqual({ kind: 'int64', values: BigInt64Array.from([0n, 2n ** 40n]) });
  });

  it('is read by the SDK as the values that it holds, nulls left out and marked', () => {
    const column: Column = {
      field: { name: 'n', type: 'Int32', nullable: true },
      data: { kind: 'int32', values: Int32Array.of(-3, 0, 200) },
      valid: Uint8Array.of(1, 0, 1),
    };
    const bytes = joined(encodeColumn(column, { marks: true, dynamic: false }, 0, 3));
    expect(decodeByOracle(FIELD_DATA, bytes)).toEqual({
      type: 4,
      fieldName: 'n',
      scalars: { intData: { data: [-3, 200] } },
      validData: [true, false, true],
    });
  });

  it('of sparse vectors says the dimension of its rows, sorted or not', () => {
    const row = Buffer.alloc(16);
    row.writeUInt32LE(70_000, 0);
    row.writeFloatLE(0.5, 4);
    row.writeUInt32LE(3, 8);
    row.writeFloatLE(1, 12);
    const column = dense('SparseFloatVector', { kind: 'bytes', values: [row] });
    const bytes = joined(encodeColumn(column, { marks: false, dynamic: false }, 0, 1));
    expect(decodeByOracle(FIELD_DATA, bytes)).toMatchObject({
      vectors: { dim: '70001', sparseFloatVector: { contents: [row], dim: '70001' } },
    });
  });

  it('of dynamic values is marked as such', () => {
    const column: Column = { ...dense('JSON', { kind: 'bytes', values: [Buffer.from('{}')] }) };
    const bytes = joined(encodeColumn(column, { marks: false, dynamic: true }, 0, 1));
    expect(decodeByOracle(FIELD_DATA, bytes)).toMatchObject({ isDynamic: true });
  });
});

describe('A column in an answer', () => {
  const field: FieldShape = { name: 'n', type: 'Int64', nullable: true };
  const answer = (value: Record<string, unknown>): FieldData =>
    openFieldData(encodeByOracle(FIELD_DATA, { type: 5, fieldName: 'n', ...value }));

  it('with placeholders for nulls is read like one without', () => {
    const full = answer({ scalars: { longData: { data: ['1', '99', '3'] } }, validData: [true, false, true] });
    const compact = answer({ scalars: { longData: { data: ['1', '3'] } }, validData: [true, false, true] });
    expect(decodeColumn(full, field, 3)).toEqual(decodeColumn(compact, field, 3));
    expect(decodeColumn(full, field, 3).data).toEqual({ kind: 'int64', values: BigInt64Array.from([1n, 0n, 3n]) });
  });

  // ScalarField { long_data(3): LongArray { data(1) } } written by hand: tag, length, content.
  const scalars = (...array: number[]): Uint8Array =>
    Uint8Array.of(0x08, 5, 0x12, 1, 0x6e, 0x1a, array.length + 2, 0x1a, array.length, ...array);

  it.each([
    ['in one packed piece', [0x0a, 3, 1, 2, 3]],
    ['in two packed pieces', [0x0a, 2, 1, 2, 0x0a, 1, 3]],
    ['without packing', [0x08, 1, 0x08, 2, 0x08, 3]],
    ['packed and unpacked', [0x08, 1, 0x0a, 2, 2, 3]],
  ])('is read whole when its numbers were sent %s', (_, array) => {
    const column = decodeColumn(openFieldData(scalars(...array)), field, 3);
    expect(column.data).toEqual({ kind: 'int64', values: BigInt64Array.from([1n, 2n, 3n]) });
  });

  it('is read whole when its message was sent in two parts', () => {
    const twice = Buffer.concat([scalars(0x0a, 2, 1, 2), Uint8Array.of(0x1a, 5, 0x1a, 3, 0x0a, 1, 3)]);
    expect(decodeColumn(openFieldData(twice), field, 3).data).toEqual({
      kind: 'int64',
      values: BigInt64Array.from([1n, 2n, 3n]),
    });
  });

  it('may carry its marks of nulls beside its values, as newer protocols have it', () => {
    // ScalarField { long_data: [7], valid_data(17): [1, 0] }
    const bytes = Uint8Array.of(0x08, 5, 0x1a, 10, 0x1a, 3, 0x0a, 1, 7, 0x8a, 0x01, 2, 1, 0);
    expect(decodeColumn(openFieldData(bytes), field, 2).valid).toEqual(Uint8Array.of(1, 0));
  });

  it.each([
    ['too few values', { scalars: { longData: { data: ['1'] } } }],
    ['too many values', { scalars: { longData: { data: ['1', '2', '3'] } } }],
    ['the values of another slot', { scalars: { intData: { data: [1, 2] } } }],
    ['too few marks', { scalars: { longData: { data: ['1', '2'] } }, validData: [true] }],
  ])('with %s is not trusted', (_, value) => {
    expect(() => decodeColumn(answer(value), field, 2)).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }),
    );
  });

  it('of another type than described means that the collection was changed', () => {
    expect(() => decodeColumn({ ...answer({}), type: 21 }, field, 0)).toThrow(
      expect.objectContaining({ code: 'COLLECTION_CHANGED' }),
    );
  });

  it('of vectors must have the described dimension and whole vectors', () => {
    const vector: FieldShape = { name: 'v', type: 'FloatVector', dim: 4, nullable: false };
    const of = (dim: number, count: number): FieldData =>
      openFieldData(
        encodeByOracle(FIELD_DATA, { type: 101, vectors: { dim, floatVector: { data: new Array(count).fill(1) } } }),
      );
    expect(decodeColumn(of(4, 8), vector, 2).data).toMatchObject({ width: 16 });
    expect(() => decodeColumn(of(8, 8), vector, 1)).toThrow(expect.objectContaining({ code: 'COLLECTION_CHANGED' }));
    expect(() => decodeColumn(of(4, 7), vector, 2)).toThrow(expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }));
  });

  it('gives vectors as views of the answer, not as copies', () => {
    const shape: FieldShape = { name: 'v', type: 'FloatVector', dim: 2, nullable: false };
    const bytes = new Uint8Array(
      encodeByOracle(FIELD_DATA, { type: 101, vectors: { dim: 2, floatVector: { data: [1, 2] } } }),
    );
    const column = decodeColumn(open(bytes), shape, 1);
    expect(column.data.kind === 'fixed' && column.data.bytes.buffer === bytes.buffer).toBe(true);
  });

  it('gives an array without elements one form, whichever the server sent', () => {
    const shape: FieldShape = { name: 'a', type: 'Array', elementType: 'Int64', nullable: false };
    const of = (rows: unknown[]): FieldData =>
      openFieldData(encodeByOracle(FIELD_DATA, { type: 22, scalars: { arrayData: { data: rows, elementType: 5 } } }));
    expect(decodeColumn(of([{}]), shape, 1)).toEqual(decodeColumn(of([{ longData: {} }]), shape, 1));
  });

  it('cut anywhere is refused', () => {
    const whole = encodeByOracle(FIELD_DATA, {
      type: 5,
      fieldName: 'n',
      scalars: { longData: { data: ['1', '300', '-3'] } },
    });
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeColumn(openFieldData(whole.subarray(0, length)), field, 3), `${length}`).toThrow(
        expect.objectContaining({ name: 'MilvaultError' }),
      );
    }
  });
});
