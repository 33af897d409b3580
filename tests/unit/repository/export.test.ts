import { exportFrames, folderName, piecesOfFrames, selectExport, type ExportPiece } from '@milvault/repository';
import { fail, type ExportPlan } from '@milvault/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  levelCount,
  listDefinitionLevels,
  repetitionLevels,
} from '../../../packages/repository/src/format/open-levels.ts';
import { widenBFloat16, widenFloat16, widenInt8 } from '../../../packages/repository/src/format/open-widen.ts';
import { half } from '../../support/exports.ts';

describe('folder names', () => {
  it('give the name back when they are percent-decoded, unless it was too long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }), (name) => {
        const folder = folderName(name);
        expect(folder).toMatch(/^(?:[a-z0-9-]|%[0-9A-F]{2})(?:[a-z0-9_-]|%[0-9A-F]{2})*(?:~[0-9a-f]{32})?$/);
        expect(folder.length).toBeLessThanOrEqual(255);
        if (!folder.includes('~')) expect(decodeURIComponent(folder)).toBe(name);
      }),
    );
  });

  it('are never shared where letters differ only in case', () => {
    const names = [
      '_default',
      '_Default',
      '%5Fdefault',
      'con',
      'CON',
      'a.',
      'A.',
      `${'a'.repeat(255)}`,
      `A${'a'.repeat(254)}`,
    ];
    expect(folderName('_default')).toBe('%5Fdefault');
    expect(folderName('nul')).toBe('%6Eul');
    expect(new Set(names.map((name) => folderName(name).toLowerCase())).size).toBe(names.length);
  });
});

/** Parquet's hybrid of runs and packed bits, read by the words of its specification. */
function decodeHybrid(bytes: Uint8Array, count: number): number[] {
  const levels: number[] = [];
  let at = 0;
  while (levels.length < count) {
    let [head, shift] = [0, 0];
    for (;;) {
      const byte = bytes[at++]!;
      head += (byte & 0x7f) * 2 ** shift;
      shift += 7;
      if (byte < 0x80) break;
    }
    const size = Math.floor(head / 2);
    if (head % 2 === 0) levels.push(...new Array<number>(size).fill(bytes[at++]!));
    else for (let bit = 0; bit < size * 8; bit++) levels.push((bytes[at + (bit >>> 3)]! >>> (bit & 7)) & 1);
    if (head % 2 === 1) at += size;
  }
  expect(at).toBe(bytes.length);
  return levels.slice(0, count);
}

describe('levels of lists', () => {
  it('say where each row begins, which lists are null and which are empty', () => {
    const anyLengths = fc.array(fc.oneof(fc.constantFrom(-1, 0, 1, 2), fc.integer({ min: 0, max: 300 })), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(anyLengths, (list) => {
        const lengths = Int32Array.from(list);
        const count = levelCount(lengths);
        const rows = list.map((length) => Math.max(1, length));
        expect(decodeHybrid(repetitionLevels(lengths, count), count)).toEqual(
          rows.flatMap((n) => Array.from({ length: n }, (_, i) => (i === 0 ? 0 : 1))),
        );
        expect(decodeHybrid(listDefinitionLevels(lengths), count)).toEqual(
          list.flatMap((length, i) => new Array<number>(rows[i]!).fill(length < 0 ? 0 : length === 0 ? 1 : 2)),
        );
      }),
    );
  });
});

describe('small numbers of vectors', () => {
  it('become wider ones of the same value: each of the 65,536 halves', () => {
    const all = Uint16Array.from({ length: 65_536 }, (_, i) => i);
    const wide = Buffer.from(widenFloat16(new Uint8Array(all.buffer)));
    const wrong = [...all].filter((bits) => wide.subarray(bits * 4, bits * 4 + 4).toString('hex') !== half(bits));
    expect(wrong).toEqual([]);
    const brain = Buffer.from(widenBFloat16(new Uint8Array(all.buffer)));
    expect([...all].filter((bits) => brain.readUInt32LE(bits * 4) !== bits * 65_536)).toEqual([]);
    expect([...new Int32Array(widenInt8(Uint8Array.of(0, 127, 128, 255)).slice().buffer)]).toEqual([0, 127, -128, -1]);
  });
});

async function* from<T>(items: readonly T[], thrown?: unknown): AsyncGenerator<T> {
  yield* items;
  if (thrown !== undefined) throw thrown;
}
async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('frames', () => {
  const end: ExportPiece = { kind: 'end', rows: 3, bytes: 5, sha256: 'a'.repeat(64) };
  const pieces: ExportPiece[] = [{ kind: 'bytes', bytes: Buffer.from('PAR1x') }, end];

  it('give the pieces back, however the stream is cut', async () => {
    const stream = Buffer.concat(await collect(exportFrames(from([...pieces, ...pieces]))));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(stream.length), { maxLength: 20 }), async (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const parts = at.slice(1).map((to, i) => stream.subarray(at[i], to));
        expect((await collect(piecesOfFrames(from(parts)))).map((one) => ({ ...one }))).toEqual(
          [...pieces, ...pieces].map((one) => (one.kind === 'bytes' ? { ...one, bytes: Buffer.from(one.bytes) } : one)),
        );
      }),
    );
  });

  it('that end before the end are an error, wherever they are cut', async () => {
    const stream = Buffer.concat(await collect(exportFrames(from(pieces))));
    for (let cut = 0; cut < stream.length; cut++) {
      await expect(collect(piecesOfFrames(from([stream.subarray(0, cut)])))).rejects.toMatchObject({
        code: 'API_UNREACHABLE',
      });
    }
  });

  it('carry the error that ended them', async () => {
    const damage = fail('OBJECT_DAMAGED', { what: 'data/x is damaged', expected: 'a', got: 'b' });
    const received = piecesOfFrames(exportFrames(from(pieces.slice(0, 1), damage)));
    await expect(collect(received)).rejects.toMatchObject({ code: 'OBJECT_DAMAGED', message: damage.message });
  });
});

describe('a choice', () => {
  const one = (database: string, collection: string, partitions: string[]) => ({ database, collection, partitions });
  // Only names are looked at.
  const plan = {
    backup: { name: 'full_a' },
    collections: [
      one('default', 'a', ['_default', 'x']),
      one('sales', 'a', ['_default']),
      one('default', 'b.c', ['y']),
    ],
  } as unknown as ExportPlan;
  const chosen = (collections: string[], partitions: string[] = []) =>
    selectExport(plan, { collections, partitions }).collections.map((of) => [
      of.database,
      of.collection,
      of.partitions,
    ]);

  it('is all where nothing is named, and what is named else', () => {
    expect(chosen([])).toHaveLength(3);
    expect(chosen(['a'])).toEqual([['default', 'a', ['_default', 'x']]]);
    expect(chosen(['sales.a', 'b.c'], ['y'])).toEqual([['default', 'b.c', ['y']]]);
    expect(chosen([], ['x'])).toEqual([['default', 'a', ['x']]]);
  });

  it('of what is not there is refused by its name', () => {
    expect(() => chosen(['A'])).toThrow(/"A"/);
    expect(() => chosen(['a'], ['y'])).toThrow(/"y"/);
  });
});
