import { cp, rm } from 'node:fs/promises';
import { columnKindOf, DATA_TYPES, vectorWidth, type Column, type DataTypeName, type RowBatch } from '@milvault/shared';
import { initRepository } from '@milvault/repository';
import { beginBackup, definitionOf, filmIndex, putFilms, SOURCE, takeBackup, testClock } from './repository.ts';

/**
 * The repository that `tests/unit/repository/golden/<version>` holds, and the rows in it. A version is made once, by
 * `npx tsx tests/support/golden-repository.ts <folder>`, and never again: it proves that later code reads it.
 */

/** Three rows with every type; the second row is null wherever it may be. */
export function everyType(): RowBatch {
  const types = Object.keys(DATA_TYPES) as DataTypeName[];
  const columns = types.map((type, i): Column => {
    const valid = i % 2 === 0 ? Uint8Array.of(1, 0, 1) : null;
    const dim = type.endsWith('Vector') && type !== 'SparseFloatVector' ? { dim: 8 } : {};
    const field = { name: `f_${type}`, type, ...(type === 'Array' ? { elementType: 'Int64' as const } : {}), ...dim };
    return { field: { ...field, nullable: valid !== null }, valid, data: dataOf(type, valid !== null) };
  });
  const key: Column = {
    field: { name: 'pk', type: 'VarChar', nullable: false },
    valid: null,
    data: { kind: 'bytes', values: ['', "a'\n", 'ü😀'].map((text) => Buffer.from(text)) },
  };
  return { rows: 3, primaryKey: 'pk', columns: [key, ...columns] };
}

const TEXTS: Partial<Record<DataTypeName, readonly string[]>> = {
  VarChar: ['Zoë', '', '\u0000'],
  JSON: ['{"b": 1.50, "a": 9007199254740993}', '', '[null]'],
  Geometry: ['POINT (1 2)', '', 'LINESTRING (0 0, 1 1)'],
  Timestamptz: ['2026-01-05T02:00:00Z', '', '1969-12-31T23:59:59.999999Z'],
};
const BYTES: Partial<Record<DataTypeName, readonly string[]>> = {
  Array: ['1a050a0301ac02', '', '1a00'],
  SparseFloatVector: ['010000000000803f', '', '02000000000000400100000000004040'],
};

function dataOf(type: DataTypeName, nulls: boolean): Column['data'] {
  const kind = columnKindOf(type);
  const middle = nulls ? 0 : 7;
  switch (kind) {
    case 'int32':
      return { kind, values: type === 'Bool' ? Int32Array.of(1, 0, 0) : Int32Array.of(-128, middle, 127) };
    case 'int64':
      return { kind, values: BigInt64Array.of(-(2n ** 63n), BigInt(middle), 2n ** 63n - 1n) };
    case 'float32':
      return { kind, values: new Float32Array(Uint32Array.of(0x7f800001, 0, 0x80000000).buffer) };
    case 'float64':
      return { kind, values: Float64Array.of(5e-324, middle, -Infinity) };
    case 'fixed': {
      const width = vectorWidth(type, 8);
      const bytes = Uint8Array.from({ length: width * 3 }, (_, i) =>
        nulls && Math.floor(i / width) === 1 ? 0 : i * 11,
      );
      return { kind, width, bytes };
    }
    case 'bytes': {
      const texts = TEXTS[type]?.map((text) => Buffer.from(text));
      return { kind, values: texts ?? BYTES[type]?.map((text) => Buffer.from(text, 'hex')) ?? [] };
    }
  }
}

/** One backup of films and of every type, verified; one that was deleted, one given up, one unfinished. */
async function make(place: string): Promise<void> {
  const clock = testClock();
  await rm(place, { recursive: true, force: true });
  const repository = await initRepository(place, { clock });
  const deleted = await takeBackup(repository);
  clock.advance(60_000);
  const draft = await beginBackup(repository);
  const films = filmIndex('films', await putFilms(repository, draft, 'films', {}));
  const batch = everyType();
  const definition = definitionOf(
    batch.columns.map((column) => column.field),
    'pk',
    'every type/"ü"',
  );
  const chunk = await repository.putChunk(draft, { definition, partition: '_default', seq: 0, fence: 'a-1', batch });
  const { rows, contentSum } = chunk;
  const counted = { before: rows, after: rows };
  const every = { definition, primaryKey: 'pk', rows, contentSum, counted, shadowedDuplicates: 0, chunks: [chunk] };
  clock.advance(60_000);
  const warnings = [{ code: 'EXAMPLE', message: 'an example', database: 'default', collection: 'films' }];
  const databases = [{ name: 'default', properties: [{ key: 'a', value: 'b' }] }];
  const backup = await repository.commit(draft, {
    engine: 'rows',
    databases,
    collections: [films, every],
    consistency: 'quiesced',
    warnings,
  });
  await repository.verify(backup.id, { level: 3 });
  await repository.remove(deleted.id, { force: true });
  const givenUp = await beginBackup(repository);
  await repository.abandon({ backupId: givenUp.backupId, sourceId: SOURCE.sourceId }, 'an example');
  await beginBackup(repository);
  await rm(`${place}/tmp`, { recursive: true });
}

/** A copy that may be written. */
export async function copyGolden(version: string, to: string): Promise<void> {
  await cp(new URL(`../unit/repository/golden/${version}`, import.meta.url), to, { recursive: true });
}

if (process.argv[1] === import.meta.filename && process.argv[2] !== undefined) await make(process.argv[2]);
