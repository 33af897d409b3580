import { readFileSync } from 'node:fs';
import { DATA_TYPES, type ColumnData, type DataTypeName } from '@milvault/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDeletion, readDeltaLog } from '../../../packages/repository/src/format/binlog/deletions.ts';
import { readBinlog } from '../../../packages/repository/src/format/binlog/events.ts';
import { readPayloads, rowsOfPayloads } from '../../../packages/repository/src/format/binlog/payload.ts';
import { markLive, type Deletions } from '../../../packages/repository/src/segments/live.ts';

/** Files that Milvus 2.3.5 wrote, and what pyarrow reads from their payloads. */
const FOLDER = new URL('milvus-files/golden/', import.meta.url);
type Value = string | boolean | { hex: string } | { float: string };
interface Expected {
  readonly field: number;
  readonly type: number;
  readonly from: string;
  readonly to: string;
  readonly width: number;
  readonly values: readonly Value[];
}
const EXPECTED = JSON.parse(readFileSync(new URL('expected.json', FOLDER), 'utf8')) as Record<string, Expected>;
const fileOf = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`${name}.binlog`, FOLDER)));
const inserts = Object.entries(EXPECTED).filter(([name]) => !name.startsWith('delta_'));

const typeOf = (number: number): DataTypeName =>
  (Object.keys(DATA_TYPES) as DataTypeName[]).find((name) => DATA_TYPES[name] === number)!;

/** Bytes of a vector to its dimensions. */
const DIMS: Partial<Record<DataTypeName, (width: number) => number>> = {
  BinaryVector: (width) => width * 8,
  FloatVector: (width) => width / 4,
  Float16Vector: (width) => width / 2,
};

function shapeOf({ type, width }: Expected): { type: DataTypeName; dim?: number } {
  const name = typeOf(type);
  const dim = DIMS[name]?.(width);
  return { type: name, ...(dim === undefined ? {} : { dim }) };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function float(value: number): Value {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return { float: hex(bytes) };
}

function shown(data: ColumnData, type: DataTypeName): Value[] {
  switch (data.kind) {
    case 'int32':
      return Array.from(data.values, (value) => (type === 'Bool' ? value === 1 : String(value)));
    case 'int64':
      return Array.from(data.values, String);
    case 'float32':
    case 'float64':
      return Array.from(data.values, float);
    case 'fixed':
      return Array.from({ length: data.bytes.length / data.width }, (_, i) => ({
        hex: hex(data.bytes.subarray(i * data.width, (i + 1) * data.width)),
      }));
    case 'bytes':
      return data.values.map((value) =>
        type === 'VarChar' ? Buffer.from(value).toString('utf8') : { hex: hex(value) },
      );
  }
}

describe('Log files that Milvus 2.3.5 wrote', () => {
  it('are there for every type that it serves', () => {
    const types = inserts.map(([, { type }]) => typeOf(type));
    expect(types.sort()).toEqual(
      ['Array', 'BinaryVector', 'Bool', 'Double', 'Float', 'Float16Vector', 'FloatVector', 'Int16', 'Int32'].concat([
        'Int64',
        'Int8',
        'JSON',
        'VarChar',
      ]),
    );
  });

  it.each(inserts)('of type %s give the values that pyarrow reads', (name, expected) => {
    const log = readBinlog(fileOf(name));
    expect([log.fieldId, log.dataType, String(log.from), String(log.to)]).toEqual([
      expected.field,
      expected.type,
      expected.from,
      expected.to,
    ]);
    expect(rowsOfPayloads(log.payloads)).toBe(expected.values.length);
    const shape = shapeOf(expected);
    expect(shown(readPayloads(log.payloads, shape), shape.type)).toEqual(expected.values);
  });

  it.each(['delta_int', 'delta_text'])('that hold deletions (%s) give their keys and timestamps', (name) => {
    const found = readDeltaLog(readBinlog(fileOf(name)));
    expect(found).toHaveLength(EXPECTED[name]!.values.length);
    for (const [i, text] of (EXPECTED[name]!.values as string[]).entries()) {
      const { key, at } = found[i]!;
      expect(text).toContain(`"ts":${at},`);
      expect(text).toContain(`"pk":${typeof key === 'bigint' ? String(key) : JSON.stringify(key)},`);
    }
  });

  it('are refused under another type than their own', () => {
    expect(() => readPayloads(readBinlog(fileOf('int64')).payloads, { type: 'Float' })).toThrow('not one column');
    expect(() => readPayloads(readBinlog(fileOf('floatvector')).payloads, { type: 'FloatVector', dim: 3 })).toThrow();
  });

  it('give an error or all of their rows, whatever byte of them is changed', () => {
    const all = Object.keys(EXPECTED);
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.nat(), fc.integer({ min: 1, max: 255 }), (name, at, change) => {
        const bytes = fileOf(name);
        const place = at % bytes.length;
        bytes[place] = bytes[place]! ^ change;
        const expected = EXPECTED[name]!;
        try {
          const log = readBinlog(bytes);
          const shape = shapeOf(expected);
          const rows = name.startsWith('delta_')
            ? readDeltaLog(log).length
            : shown(readPayloads(log.payloads, shape), shape.type).length;
          expect(rows).toBe(rowsOfPayloads(log.payloads));
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
      { numRuns: 1_500 },
    );
  });

  it('are refused when they end early, wherever that is', () => {
    const bytes = fileOf('varchar');
    for (let end = 0; end < bytes.length; end++) expect(() => readBinlog(bytes.subarray(0, end))).toThrow();
  });
});

describe('Deletions', () => {
  it.each([
    ['{"pk":-9223372036854775808,"ts":470719349494382597,"pkType":5}', -(2n ** 63n), 470719349494382597n],
    ['{"pk":"a\\"b\\n\\u00e9","ts":7,"pkType":21}', 'a"b\né', 7n],
    ['12,470719349494382597', 12n, 470719349494382597n],
  ])('are read exactly: %s', (text, key, at) => {
    expect(readDeletion(text)).toEqual({ key, at });
  });

  it.each(['', '{}', '1;2', '{"pk":1.5,"ts":1,"pkType":5}'])('that are no deletions are refused: %s', (text) => {
    expect(() => readDeletion(text)).toThrow('a deletion that cannot be read');
  });

  it('take the rows that are older, up to the moment, and no others', () => {
    const time = fc.bigInt({ min: 0n, max: 12n });
    const row = fc.record({ key: fc.bigInt({ min: 0n, max: 4n }), at: time });
    fc.assert(
      fc.property(fc.array(row), fc.array(row), fc.option(time), (rows, deleted, upTo) => {
        const counts = deleted.filter(({ at }) => upTo === null || at <= upTo);
        const deletions = new Map<bigint, { first: bigint; last: bigint }>();
        for (const { key, at } of counts) {
          const { first, last } = deletions.get(key) ?? { first: at, last: at };
          deletions.set(key, { first: at < first ? at : first, last: at > last ? at : last });
        }
        const there = rows.flatMap((one, place) => {
          const late = upTo !== null && one.at > upTo;
          return late || counts.some(({ key, at }) => key === one.key && at > one.at) ? [] : [place];
        });
        const marks = markLive(
          { kind: 'int64', values: BigInt64Array.from(rows, ({ key }) => key) },
          { kind: 'int64', values: BigInt64Array.from(rows, ({ at }) => at) },
          deletions as Deletions,
          upTo,
        );
        expect(marks.places ?? rows.map((_, place) => place)).toEqual(there);
        expect(marks.live).toBe(there.length);
        const outlived = there.filter((place) => counts.some(({ key }) => key === rows[place]!.key));
        expect(marks.outlived).toBe(outlived.length);
      }),
    );
  });
});
