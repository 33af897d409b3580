import {
  columnKindOf,
  vectorWidth,
  type Column,
  type DataTypeName,
  type FieldShape,
  type RowBatch,
} from '@milvault/shared';
import fc from 'fast-check';

/** Rows for property tests. */

const TYPES: readonly DataTypeName[] = [
  ...(['Bool', 'Int8', 'Int16', 'Int32', 'Int64', 'Float', 'Double', 'VarChar', 'Array', 'JSON', 'Geometry'] as const),
  ...(['Timestamptz', 'BinaryVector', 'FloatVector', 'Float16Vector', 'BFloat16Vector'] as const),
  ...(['SparseFloatVector', 'Int8Vector'] as const),
];

const anyBytes = fc.uint8Array({ maxLength: 24 });
/** Any 32 bits as a float: all NaNs, infinities, denormals and both zeros. */
const anyWords = (rows: number, perRow: number) =>
  fc.uint8Array({ minLength: rows * perRow, maxLength: rows * perRow }).map((bytes) => Uint8Array.from(bytes));

function anyData(type: DataTypeName, rows: number): fc.Arbitrary<{ data: Column['data']; dim?: number }> {
  const kind = columnKindOf(type);
  switch (kind) {
    case 'int32': {
      const bits = { Bool: 1, Int8: 8, Int16: 16, Int32: 32 }[type as 'Bool'] ?? 32;
      const [min, max] = bits === 1 ? [0, 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
      const value = fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max));
      return fc
        .array(value, { minLength: rows, maxLength: rows })
        .map((v) => ({ data: { kind, values: Int32Array.from(v) } }));
    }
    case 'int64':
      return anyWords(rows, 8).map((bytes) => ({ data: { kind, values: new BigInt64Array(bytes.buffer) } }));
    case 'float32':
      return anyWords(rows, 4).map((bytes) => ({ data: { kind, values: new Float32Array(bytes.buffer) } }));
    case 'float64':
      return anyWords(rows, 8).map((bytes) => ({ data: { kind, values: new Float64Array(bytes.buffer) } }));
    case 'fixed':
      return fc.integer({ min: 1, max: 5 }).chain((n) => {
        const dim = n * 8;
        const width = vectorWidth(type, dim);
        return anyWords(rows, width).map((bytes) => ({ dim, data: { kind, width, bytes } }));
      });
    case 'bytes':
      return fc.array(anyBytes, { minLength: rows, maxLength: rows }).map((values) => ({ data: { kind, values } }));
  }
}

/** A null is a zero or nothing, as every reader of rows makes it. */
function blank(data: Column['data'], valid: Uint8Array | null): Column['data'] {
  if (valid === null) return data;
  valid.forEach((has, row) => {
    if (has !== 0) return;
    if (data.kind === 'fixed') data.bytes.fill(0, row * data.width, (row + 1) * data.width);
    else if (data.kind === 'bytes') (data.values as Uint8Array[])[row] = new Uint8Array();
    else if (data.kind === 'int64') data.values[row] = 0n;
    else data.values[row] = 0;
  });
  return data;
}

const anyColumn = (name: string, rows: number): fc.Arbitrary<Column> =>
  fc
    .record({
      type: fc.constantFrom(...TYPES),
      nulls: fc.option(fc.array(fc.boolean(), { minLength: rows, maxLength: rows })),
      declared: fc.boolean(),
    })
    .chain(({ type, nulls, declared }) =>
      anyData(type, rows).map(({ data, dim }): Column => {
        const bits = nulls === null ? null : Uint8Array.from(nulls.map(Number));
        const valid = bits?.includes(0) === true ? bits : null;
        const field: FieldShape = {
          name,
          type,
          ...(type === 'Array' ? { elementType: 'Int64' } : {}),
          ...(dim === undefined ? {} : { dim }),
          nullable: declared || valid !== null,
        };
        return { field, data: blank(data, valid), valid };
      }),
    );

const anyKey = (rows: number): fc.Arbitrary<Column> =>
  fc.oneof(
    fc
      .uniqueArray(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { minLength: rows, maxLength: rows })
      .map((keys): Column => ({
        field: { name: 'pk', type: 'Int64', nullable: false },
        data: { kind: 'int64', values: BigInt64Array.from(keys).sort() },
        valid: null,
      })),
    fc
      .uniqueArray(fc.string({ unit: 'binary', maxLength: 12 }), { minLength: rows, maxLength: rows })
      .map((keys): Column => ({
        field: { name: 'pk', type: 'VarChar', nullable: false },
        data: { kind: 'bytes', values: keys.map((key) => Buffer.from(key)).sort(Buffer.compare) },
        valid: null,
      })),
  );

/** Rows of any shape: every type, nulls, empty values, extremes, bytes that are no UTF-8. */
export const anyBatch: fc.Arbitrary<RowBatch> = fc.integer({ min: 1, max: 40 }).chain((rows) =>
  fc
    .tuple(
      anyKey(rows),
      fc.uniqueArray(
        fc.oneof(fc.string({ minLength: 1, maxLength: 8 }), fc.constantFrom('$meta', '__milvault_fingerprint')),
        {
          maxLength: 5,
        },
      ),
    )
    .chain(([key, names]) =>
      fc.tuple(...names.filter((name) => name !== 'pk').map((name) => anyColumn(name, rows))).map((columns) => ({
        rows,
        primaryKey: 'pk',
        columns: [key, ...columns],
      })),
    ),
);
