import type { Column, RowBatch } from '@milvault/shared';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOf, joinBatches, keyAt, keysOf, piecesOf } from '../../../packages/engines/src/rows/batches.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

interface Row {
  readonly id: bigint;
  readonly text: string | null;
  readonly vector: number;
}

/** Rows as a batch; the column of texts has no marks where no text is null, as servers give it. */
function batchOf(rows: readonly Row[], reversed = false): RowBatch {
  const nulls = rows.some((row) => row.text === null);
  const columns: Column[] = [
    {
      field: { name: 'id', type: 'Int64', nullable: false },
      data: { kind: 'int64', values: BigInt64Array.from(rows, (row) => row.id) },
      valid: null,
    },
    {
      field: { name: 'text', type: 'VarChar', nullable: true },
      data: { kind: 'bytes', values: rows.map((row) => utf8(row.text ?? '')) },
      valid: nulls ? Uint8Array.from(rows, (row) => (row.text === null ? 0 : 1)) : null,
    },
    {
      field: { name: 'vector', type: 'Int8Vector', dim: 2, nullable: false },
      data: { kind: 'fixed', width: 2, bytes: Uint8Array.from(rows.flatMap((row) => [row.vector, 255 - row.vector])) },
      valid: null,
    },
  ];
  return { rows: rows.length, primaryKey: 'id', columns: reversed ? columns.reverse() : columns };
}

function rowsOf(batch: RowBatch): Row[] {
  const column = (name: string): Column => batch.columns.find((one) => one.field.name === name)!;
  const [text, vector] = [column('text'), column('vector')];
  return keysOf(batch).map((id, i) => ({
    id: id as bigint,
    text:
      text.valid?.[i] === 0
        ? null
        : new TextDecoder().decode(text.data.kind === 'bytes' ? text.data.values[i] : undefined),
    vector: vector.data.kind === 'fixed' ? vector.data.bytes[i * 2]! : -1,
  }));
}

const row = fc.record({
  id: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  text: fc.option(fc.string({ unit: 'grapheme-ascii' })),
  vector: fc.integer({ min: 0, max: 255 }),
});

test('batches that were cut and joined again hold the same rows', () => {
  fc.assert(
    fc.property(fc.array(fc.array(row), { minLength: 1 }), fc.integer({ min: 1, max: 200 }), (groups, bytes) => {
      const joined = joinBatches(groups.map((group, i) => batchOf(group, i % 2 === 1)));
      expect(rowsOf(joined)).toEqual(groups.flat());
      if (joined.rows === 0) return;
      const pieces = [...piecesOf(joined, bytes)];
      expect(pieces.every((piece) => piece.rows > 0)).toBe(true);
      expect(rowsOf(joinBatches(pieces))).toEqual(groups.flat());
    }),
  );
});

test('keys keep what text decoders like to drop', () => {
  const keys = ['\uFEFFa', '', 'a\n"\\', '😀', '\u0000'];
  const batch: RowBatch = {
    rows: keys.length,
    primaryKey: 'k',
    columns: [
      {
        field: { name: 'k', type: 'VarChar', nullable: false },
        data: { kind: 'bytes', values: keys.map(utf8) },
        valid: null,
      },
    ],
  };
  expect(keysOf(batch)).toEqual(keys);
  expect(keyAt(batch, 3)).toBe('😀');
});

test('bytes are those of values and marks', () => {
  expect(
    bytesOf(
      batchOf([
        { id: 1n, text: 'abc', vector: 1 },
        { id: 2n, text: null, vector: 2 },
      ]),
    ),
  ).toBe(16 + 3 + 2 + 4);
});

test('pages of one column that differ in kind are refused', () => {
  const odd: RowBatch = {
    ...batchOf([{ id: 1n, text: '', vector: 1 }]),
    columns: batchOf([{ id: 1n, text: '', vector: 1 }]).columns.map((column) =>
      column.field.name === 'text' ? { ...column, data: { kind: 'int32', values: new Int32Array(1) } } : column,
    ),
  };
  expect(() => joinBatches([batchOf([{ id: 1n, text: '', vector: 1 }]), odd])).toThrow(/kind/);
});
