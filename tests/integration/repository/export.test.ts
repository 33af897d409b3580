import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openExport } from '@milvault/jobs';
import {
  addContentSums,
  createRowsReader,
  EMPTY_SUM,
  exportPieces,
  writeExport,
  type ExportPiece,
  type ExportSource,
  type Repository,
} from '@milvault/repository';
import { Stopped, systemClock, type Column, type RowBatch } from '@milvault/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyBatch } from '../../support/any-batch.ts';
import { arrayOf, ELEMENTS } from '../../support/arrays.ts';
import { exportAll, readExport, shownRows } from '../../support/exports.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { beginBackup, definitionOf, filmBatch, repositoryInFolder, takeBackup } from '../../support/repository.ts';

interface Stored {
  readonly database?: string;
  readonly name: string;
  readonly parts: readonly (readonly [partition: string, batch: RowBatch])[];
  /** Where the collection has no rows: what it would have. */
  readonly shape?: RowBatch;
}

async function backUp(repository: Repository, stored: readonly Stored[]): Promise<string> {
  const draft = await beginBackup(repository);
  const collections = [];
  for (const { database = 'default', name, parts, shape } of stored) {
    const first = shape ?? parts[0]![1];
    const fields = first.columns.map((column) => column.field);
    const partitions = [...new Set(['_default', ...parts.map(([partition]) => partition)])];
    const definition = {
      ...definitionOf(fields, first.primaryKey, name),
      database,
      partitions: partitions.map((one) => ({ name: one, loaded: true })),
    };
    const chunks = [];
    for (const [seq, [partition, batch]] of parts.entries()) {
      chunks.push(await repository.putChunk(draft, { definition, partition, seq, fence: 'a-1', batch }));
    }
    const rows = chunks.reduce((sum, one) => sum + one.rows, 0);
    const contentSum = addContentSums(EMPTY_SUM, ...chunks.map((one) => one.contentSum));
    const { primaryKey } = first;
    const counted = { before: rows, after: rows };
    collections.push({ definition, primaryKey, rows, contentSum, counted, shadowedDuplicates: 0, chunks });
  }
  return (
    await repository.commit(draft, { engine: 'rows', databases: [], collections, consistency: 'fuzzy', warnings: [] })
  ).id;
}

/** Values of the kind that Milvus has: text is text, and sparse vectors are pairs. Arrays have a test of their own. */
const likeMilvus = (batch: RowBatch): RowBatch => ({
  ...batch,
  columns: batch.columns
    .filter(({ field }) => field.type !== 'Array')
    .map((column): Column => {
      const { data, field } = column;
      if (data.kind !== 'bytes' || field.name === batch.primaryKey) return column;
      const fit = (value: Uint8Array): Uint8Array =>
        field.type === 'SparseFloatVector'
          ? value.subarray(0, value.length - (value.length % 8))
          : Buffer.from(field.type === 'JSON' ? JSON.stringify([...value]) : hexText(value));
      const values = data.values.map((value, row) => (column.valid?.[row] === 0 ? value : fit(value)));
      return { ...column, data: { kind: 'bytes', values } };
    }),
});
const hexText = (bytes: Uint8Array): string => (bytes.length === 0 ? '' : `é😀${Buffer.from(bytes).toString('hex')}`);

const keyColumn = (rows: number): Column => ({
  field: { name: 'id', type: 'Int64', nullable: false },
  data: { kind: 'int64', values: BigInt64Array.from({ length: rows }, (_, i) => BigInt(i)) },
  valid: null,
});

const anyWords = fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { maxLength: 70 });

describe('what pyarrow and DuckDB read from an export', () => {
  it('is every value of every type, bit for bit', async () => {
    const { repository } = await repositoryInFolder();
    const batches = [filmBatch(-3, 50), ...fc.sample(anyBatch, 60).map(likeMilvus)];
    const id = await backUp(
      repository,
      batches.map((batch, i) => ({ name: `c${i}`, parts: [['_default', batch]] })),
    );
    const folder = join(await temporaryFolder(), 'out');
    await exportAll(repository, id, folder);
    const found = await readExport(folder);
    batches.forEach((batch, i) => {
      expect(found[`default.c${i}`]?.rows['_default']).toEqual(shownRows(batch));
    });
  });

  it('is every element of arrays of every type, empty and null ones apart', async () => {
    const { repository } = await repositoryInFolder();
    const lists = [[], null, [1n], null, null, [], ...fc.sample(fc.option(anyWords), 60)];
    const made = ELEMENTS.map((type) => lists.map((words) => (words === null ? null : arrayOf(type, words))));
    const valid = Uint8Array.from(lists.map((words) => (words === null ? 0 : 1)));
    const columns = ELEMENTS.map((elementType, at): Column => ({
      field: { name: elementType, type: 'Array', elementType, nullable: true },
      data: { kind: 'bytes', values: made[at]!.map((one) => one?.bytes ?? new Uint8Array()) },
      valid,
    }));
    const batch: RowBatch = { rows: lists.length, primaryKey: 'id', columns: [keyColumn(lists.length), ...columns] };
    const id = await backUp(repository, [{ name: 'arrays', parts: [['_default', batch]] }]);
    const folder = await temporaryFolder();
    await exportAll(repository, id, folder);
    const { rows, columns: types } = (await readExport(folder))['default.arrays']!;
    expect(rows['_default']).toEqual(
      lists.map((_, row) => [String(row), ...made.map((one) => one[row]?.shown ?? null)]),
    );
    expect(types.map(([, type]) => type.replace(/<\w+: /, '<').replace(' not null', ''))).toEqual([
      'int64',
      ...['bool', 'int8', 'int16', 'int32', 'int64', 'float', 'double', 'string'].map((one) => `list<${one}>`),
    ]);
  });

  it('has the schema of a collection and of a partition without rows', async () => {
    const { repository } = await repositoryInFolder();
    const id = await backUp(repository, [
      { name: 'empty', parts: [], shape: filmBatch(0, 1) },
      { name: 'half', parts: [['europe', filmBatch(0, 3)]] },
    ]);
    const folder = await temporaryFolder();
    const record = await exportAll(repository, id, folder);
    const found = await readExport(folder);
    expect(found['default.empty']!.columns.map(([name]) => name)).toEqual(['id', 'title', 'v', '$meta']);
    expect(found['default.empty']!.rows).toEqual({ _default: [] });
    expect(found['default.half']!.rows).toMatchObject({ _default: [], europe: shownRows(filmBatch(0, 3)) });
    expect(record).toMatchObject({ rows: 3, backup: { id }, collections: [{ rows: 0 }, { rows: 3 }] });
  });

  it('keeps apart whatever Milvus calls by names that file systems confuse', async () => {
    const { repository } = await repositoryInFolder();
    const names = ['Films', 'films', 'con', 'a"b\'c', '😀', '_x', '%5Fx', '-', 'é'.repeat(255), `${'é'.repeat(254)}e`];
    const batch = filmBatch(0, 1);
    const id = await backUp(repository, [
      ...names.map((name): Stored => ({ name, parts: [[name, batch]] })),
      { database: 'Default', name: 'films', parts: [['_default', batch]] },
    ]);
    const folder = await temporaryFolder();
    const record = await exportAll(repository, id, folder);
    expect(Object.keys(await readExport(folder))).toEqual([...names.map((name) => `default.${name}`), 'Default.films']);
    const lower = record.collections.map((one) => one.folder.toLowerCase());
    expect(new Set(lower).size).toBe(names.length + 1);
    const short = record.collections.filter(({ folder: place }) => !place.includes('~'));
    expect(short).toHaveLength(names.length - 1);
    for (const one of short) expect(decodeURIComponent(one.folder)).toBe(`${one.database}/${one.collection}`);
  });

  it('comes in several files where one would be too large', async () => {
    const { repository } = await repositoryInFolder();
    const { id } = await takeBackup(repository, { rows: 100, rowsPerChunk: 10 });
    const backup = await repository.find(id);
    const { plan } = await openExport(repository, backup);
    const reader = createRowsReader(repository);
    const source = {
      plan,
      pieces: (partition: Parameters<typeof exportPieces>[3], signal: AbortSignal) =>
        exportPieces(repository, reader, backup, partition, signal, 1500),
    };
    const folder = await temporaryFolder();
    const signal = new AbortController().signal;
    const record = await writeExport(source, plan, folder, { clock: systemClock, signal, onProgress: () => undefined });
    const files = record.collections[0]!.partitions[0]!.files;
    expect(files.length).toBeGreaterThan(2);
    expect(files.map(({ path }) => path).slice(0, 2)).toEqual(
      ['00000', '00001'].map((part) => `default/films/%5Fdefault/part-${part}.parquet`),
    );
    expect((await readExport(folder))['default.films']!.rows['_default']).toEqual(shownRows(filmBatch(0, 100)));
  });
});

describe('an export that fails', () => {
  const everything = async (folder: string): Promise<string[]> => (await readdir(folder, { recursive: true })).sort();

  it('names a chunk that does not have its hash, and leaves nothing', async () => {
    const { repository, place } = await repositoryInFolder();
    const { id } = await takeBackup(repository, { rows: 30, rowsPerChunk: 10, collections: ['a', 'films'] });
    const index = await repository.index(await repository.manifest(id), 'default', 'films');
    const { key } = index.chunks[2]!;
    const bytes = await readFile(join(place, key));
    bytes[100]! ^= 1;
    await chmod(join(place, key), 0o600);
    await writeFile(join(place, key), bytes);
    const folder = await temporaryFolder();
    await expect(exportAll(repository, id, folder)).rejects.toMatchObject({
      code: 'OBJECT_DAMAGED',
      message: expect.stringContaining(key),
    });
    expect(await everything(folder)).toEqual([]);
  });

  it('is refused where the folder holds anything, which stays', async () => {
    const { repository } = await repositoryInFolder();
    const { id } = await takeBackup(repository);
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'default'));
    await expect(exportAll(repository, id, folder)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await everything(folder)).toEqual(['default']);
  });

  it('leaves nothing when it is stopped, and says so', async () => {
    const { repository } = await repositoryInFolder();
    const { id } = await takeBackup(repository, { rows: 40, rowsPerChunk: 10 });
    const source = await openExport(repository, await repository.find(id));
    const folder = await temporaryFolder();
    const stop = new AbortController();
    const seen: string[][] = [];
    const stopped = writeExport(
      {
        plan: source.plan,
        async *pieces(partition, signal) {
          for await (const piece of source.pieces(partition, signal)) {
            yield piece;
            seen.push(await everything(folder));
            if (seen.length === 5) stop.abort(new Stopped('cancelled'));
          }
        },
      },
      source.plan,
      folder,
      { clock: systemClock, signal: stop.signal, onProgress: () => undefined },
    );
    await expect(stopped).rejects.toMatchObject({ code: 'RUN_CANCELLED', message: expect.stringContaining('removed') });
    expect(seen.at(-1)).toContain('default/films/%5Fdefault/.part-00000.parquet');
    expect(await everything(folder)).toEqual([]);
  });

  it('is refused where rows were lost or bytes changed on the way, and leaves nothing', async () => {
    const { repository } = await repositoryInFolder();
    const { id } = await takeBackup(repository, { rows: 40, rowsPerChunk: 10 });
    const { plan, pieces } = await openExport(repository, await repository.find(id));
    const folder = await temporaryFolder();
    const options = { clock: systemClock, signal: new AbortController().signal, onProgress: () => undefined };
    const changed = async (change: (piece: ExportPiece) => ExportPiece, code: string, words: RegExp): Promise<void> => {
      const source: ExportSource = {
        plan,
        async *pieces(partition, signal) {
          for await (const piece of pieces(partition, signal)) yield change(piece);
        },
      };
      const written = writeExport(source, plan, folder, options);
      await expect(written).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
      expect(await everything(folder)).toEqual([]);
    };
    const fewer = (piece: ExportPiece): ExportPiece => (piece.kind === 'end' ? { ...piece, rows: 39 } : piece);
    await changed(fewer, 'OBJECT_DAMAGED', /rows of default\.films .*expected 40 rows, got 39/);
    const cut = (piece: ExportPiece): ExportPiece =>
      piece.kind === 'bytes' && piece.bytes.length > 100 ? { ...piece, bytes: piece.bytes.slice(1) } : piece;
    await changed(cut, 'OBJECT_DAMAGED', /part-00000\.parquet was changed on its way/);
  });

  it('tells of a folder that cannot be made', async () => {
    const { repository } = await repositoryInFolder();
    const { id } = await takeBackup(repository);
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    await expect(exportAll(repository, id, join(file, 'out'))).rejects.toMatchObject({ code: 'EXPORT_WRITE_FAILED' });
  });
});
