import { compress } from '@cloudpss/zstd';
import type { RowBatch } from '@milvault/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkFault } from '../../../packages/repository/src/format/chunk-check.ts';
import { decodeChunk } from '../../../packages/repository/src/format/chunk-read.ts';
import { encodeChunk } from '../../../packages/repository/src/format/chunk-write.ts';
import { fingerprints } from '../../../packages/repository/src/format/fingerprint.ts';
import { decompressed } from '../../../packages/repository/src/format/zstd.ts';
import { anyBatch } from '../../support/any-batch.ts';
import { firstDifference } from '../../support/first-difference.ts';
import { filmBatch } from '../../support/repository.ts';

const encode = (batch: RowBatch): Uint8Array => encodeChunk(batch, fingerprints(batch));

/** The batch without identity of buffers: what `toEqual` can compare bit by bit. */
const plain = (batch: RowBatch) => ({
  ...batch,
  columns: batch.columns.map(({ field, data, valid }) => ({
    field,
    valid: valid === null ? null : [...valid],
    data:
      data.kind === 'bytes'
        ? data.values.map((value) => Buffer.from(value).toString('hex'))
        : data.kind === 'fixed'
          ? [data.width, Buffer.from(data.bytes).toString('hex')]
          : Buffer.from(data.values.buffer, data.values.byteOffset, data.values.byteLength).toString('hex'),
  })),
});

describe('a chunk', () => {
  it('gives back exactly the rows that were put in, whatever their types', () => {
    fc.assert(
      fc.property(anyBatch, (batch) => {
        const decoded = decodeChunk(encode(batch));
        expect(plain(decoded.batch)).toEqual(plain(batch));
        expect(Buffer.compare(decoded.fingerprints, fingerprints(batch))).toBe(0);
        expect(firstDifference(batch, decoded.batch)).toBeNull();
        expect(chunkFault(batch, fingerprints(batch), encode(batch))).toBeNull();
      }),
      { numRuns: 150 },
    );
  });

  it('is cut into row groups and still gives back every row', () => {
    const rows = 9000;
    const batch = filmBatch(0, rows);
    const long = Array.from({ length: rows }, (_, i) => Buffer.alloc(i % 7 === 0 ? 9000 : 10, i));
    const wide: RowBatch = {
      ...batch,
      columns: [
        ...batch.columns,
        {
          field: { name: 'text', type: 'VarChar', nullable: false },
          data: { kind: 'bytes', values: long },
          valid: null,
        },
      ],
    };
    expect(firstDifference(wide, decodeChunk(encode(wide)).batch)).toBeNull();
  });

  it('takes a fields name that its own column has', () => {
    const batch = filmBatch(0, 3);
    const clash: RowBatch = {
      ...batch,
      columns: batch.columns.map((column) =>
        column.field.name === 'title'
          ? { ...column, field: { ...column.field, name: '__milvault_fingerprint' } }
          : column,
      ),
    };
    expect(firstDifference(clash, decodeChunk(encode(clash)).batch)).toBeNull();
  });

  it('does not take all rows as valid for a null', () => {
    const batch = filmBatch(1, 3);
    const explicit = {
      ...batch,
      columns: batch.columns.map((column) => ({ ...column, valid: new Uint8Array(3).fill(1) })),
    };
    expect(Buffer.compare(encode(explicit), encode(batch))).toBe(0);
  });

  it('shows by its fingerprints when a value in the file was changed', () => {
    const batch = filmBatch(0, 50);
    const good = encode(batch);
    for (let i = 0; i < good.length; i += 7) {
      const bad = Uint8Array.from(good);
      bad[i]! ^= 0x10;
      let decoded: ReturnType<typeof decodeChunk> | null = null;
      try {
        decoded = decodeChunk(bad);
      } catch {
        continue;
      }
      const prints = fingerprints(decoded.batch);
      const same = Buffer.compare(prints, fingerprints(batch)) === 0;
      const noticed = decoded.batch.rows !== 50 || Buffer.compare(prints, decoded.fingerprints) !== 0;
      expect(same || noticed, `byte ${i}`).toBe(true);
    }
  });

  it('never fails in another way than with an Error, whatever the bytes', () => {
    const good = encode(filmBatch(0, 5));
    for (let length = 0; length < good.length; length += 5)
      expect(() => decodeChunk(good.subarray(0, length))).toThrow(Error);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => decodeChunk(bytes)).toThrow(Error);
      }),
    );
  });

  it('refuses a compressed page that would grow beyond what it says', () => {
    const bomb = compress(new Uint8Array(64 * 1024 * 1024), 1);
    expect(() => decompressed(bomb, 1000)).toThrow(/67108864/);
    expect(decompressed(compress(Buffer.from('abc'), 1), 3)).toEqual(Buffer.from('abc'));
  });

  it('is checked against its rows by column, fingerprint and count', () => {
    const batch = filmBatch(0, 10);
    const prints = fingerprints(batch);
    for (const name of ['id', 'title', 'v', '$meta']) {
      const columns = batch.columns.map((column, i) =>
        column.field.name === name ? filmBatch(100, 10).columns[i]! : column,
      );
      expect(chunkFault(batch, prints, encodeChunk({ ...batch, columns }, prints))).toContain(JSON.stringify(name));
    }
    expect(chunkFault(batch, prints, encodeChunk(batch, fingerprints(filmBatch(1, 10))))).toContain('fingerprints');
    expect(chunkFault(batch, prints, encode(filmBatch(0, 9)))).toContain('rows');
  });

  it('is found faulty for every changed byte that changes a row', () => {
    fc.assert(
      fc.property(anyBatch, fc.nat(), fc.integer({ min: 0, max: 7 }), (batch, place, bit) => {
        const bad = Uint8Array.from(encode(batch));
        bad[place % bad.length]! ^= 1 << bit;
        if (chunkFault(batch, fingerprints(batch), bad) !== null) return;
        const decoded = decodeChunk(bad);
        expect(plain(decoded.batch)).toEqual(plain(batch));
        expect(Buffer.compare(decoded.fingerprints, fingerprints(batch))).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
