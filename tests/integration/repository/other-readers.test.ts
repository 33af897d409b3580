import { execFile } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RowBatch } from '@milvault/shared';
import { addContentSums, EMPTY_SUM, type ChunkEntry, type Repository } from '@milvault/repository';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';
import { beginBackup, definitionOf, filmBatch, repositoryInFolder, takeBackup } from '../../support/repository.ts';
import { servers } from '../../support/servers.ts';
import { anyBatch } from '../../support/any-batch.ts';

const run = promisify(execFile);
const python = async (...args: string[]): Promise<string> =>
  (await run(servers().python, args, { maxBuffer: 64 * 1024 * 1024 })).stdout;

type Row = Record<string, unknown>;

/** A row as the reader prints it: numbers, or bytes in hex, or null. */
function shown(batch: RowBatch): Row[] {
  return Array.from({ length: batch.rows }, (_, row) =>
    Object.fromEntries(batch.columns.map((column) => [column.field.name, value(column, row)])),
  );
}

function value({ data, valid, field }: RowBatch['columns'][number], row: number): unknown {
  if (valid !== null && valid[row] === 0) return null;
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  switch (data.kind) {
    case 'int32':
      return field.type === 'Bool' ? data.values[row] === 1 : data.values[row];
    case 'int64':
      return Number(data.values[row]);
    case 'bytes':
      return hex(data.values[row]!);
    case 'fixed':
      return hex(data.bytes.subarray(row * data.width, (row + 1) * data.width));
    case 'float32':
    case 'float64': {
      const width = data.values.BYTES_PER_ELEMENT;
      const memory = new Uint8Array(data.values.buffer, data.values.byteOffset, data.values.byteLength);
      return hex(memory.subarray(row * width, (row + 1) * width));
    }
  }
}

async function backUp(repository: Repository, batches: readonly RowBatch[]): Promise<string> {
  const draft = await beginBackup(repository);
  const collections = [];
  for (const [i, batch] of batches.entries()) {
    const definition = definitionOf(
      batch.columns.map((one) => one.field),
      batch.primaryKey,
      `Sammlung ${i} "é/..`,
    );
    const chunks: ChunkEntry[] = [
      await repository.putChunk(draft, { definition, partition: 'p', seq: 0, fence: 'a-1', batch }),
    ];
    const contentSum = addContentSums(EMPTY_SUM, ...chunks.map((one) => one.contentSum));
    const counted = { before: batch.rows, after: batch.rows };
    const { primaryKey, rows } = batch;
    collections.push({ definition, primaryKey, rows, contentSum, counted, shadowedDuplicates: 0, chunks });
  }
  const rest = { engine: 'rows', databases: [], consistency: 'fuzzy', warnings: [] } as const;
  return (await repository.commit(draft, { ...rest, collections })).id;
}

describe('a reader that knows only docs/backup-format.md', () => {
  it('makes the encoding and fingerprint of the worked example', async () => {
    const page = await readFile('docs/backup-format.md', 'utf8');
    const example = JSON.parse(await python('tests/support/read_backup.py', '--example')) as Record<string, string>;
    expect(page.replaceAll('\n', '')).toContain(example['encoding']);
    expect(page).toContain(`\n${example['fingerprint']}\n`);
  });

  it('restores every row of every type, and finds all fingerprints, sums and hashes right', async () => {
    const { repository, place } = await repositoryInFolder();
    const batches = [filmBatch(-3, 50), ...fc.sample(anyBatch, 40)];
    const id = await backUp(repository, batches);
    const answer = JSON.parse(await python('tests/support/read_backup.py', place, id)) as {
      collections: { rows: Row[] }[];
    };
    expect(answer.collections.map((one) => one.rows)).toEqual(JSON.parse(JSON.stringify(batches.map(shown))));
  });

  it('agrees on JSON and arrays in any spelling', async () => {
    const { repository, place } = await repositoryInFolder();
    const texts = [
      '{"b":[1.50,-0,1E+2],"a":{"é":"\\ud83d\\ude00\\ud800"}}',
      '[',
      '',
      ' [ ] ',
      '{"a":1,"a":{"z":0,"y":[{}]}}',
      '"\\/\\b"',
      '1e-99999999999999999999',
    ];
    const arrays = [
      '',
      '1a00',
      '1a050a0301ac02',
      '12070a05ffffffff0f',
      '32060a01610a0162',
      '22060a040000c07f',
      '2a0a0a08000000000000f03f',
      '0a040a020102',
      '3a020a00',
      '1a',
    ];
    const of = (type: 'JSON' | 'Array', values: Uint8Array[]): RowBatch => ({
      rows: values.length,
      primaryKey: 'id',
      columns: [
        {
          field: { name: 'id', type: 'Int64', nullable: false },
          data: { kind: 'int64', values: BigInt64Array.from(values.map((_, i) => BigInt(i))) },
          valid: null,
        },
        {
          field: { name: 'x', type, nullable: false, ...(type === 'Array' ? { elementType: 'Int64' } : {}) },
          data: { kind: 'bytes', values },
          valid: null,
        },
      ],
    });
    const json = fc.sample(fc.json(), 100);
    const wild = fc.sample(fc.uint8Array({ maxLength: 20 }), 200);
    const id = await backUp(repository, [
      of(
        'JSON',
        [...texts, ...json].map((text) => Buffer.from(text)),
      ),
      of('Array', [...arrays.map((text) => Buffer.from(text, 'hex')), ...wild]),
    ]);
    await python('tests/support/read_backup.py', place, id);
  });

  it('notices a changed chunk', async () => {
    const { repository, place } = await repositoryInFolder();
    const backup = await takeBackup(repository);
    const index = await repository.index(await repository.manifest(backup.id), 'default', 'films');
    const file = join(place, index.chunks[0]!.key);
    const bytes = await readFile(file);
    bytes[100]! ^= 1;
    await chmod(file, 0o600);
    await writeFile(file, bytes);
    await expect(python('tests/support/read_backup.py', place, backup.id)).rejects.toThrow(/hash of/);
  });
});

describe('DuckDB and pandas', () => {
  it('open the chunks as they are', async () => {
    const { repository, place } = await repositoryInFolder();
    await takeBackup(repository, { rows: 2000, rowsPerChunk: 1000 });
    const script = `
import duckdb, json, pandas, glob
files = sorted(glob.glob(${JSON.stringify(join(place, 'data'))} + '/*/*/*/*.parquet'))
rows, low, high, titles = duckdb.sql("select count(*), min(id), max(id), count(title) from read_parquet(" + repr(files) + ")").fetchall()[0]
year = duckdb.sql("""select "$meta"->>'year' from read_parquet(""" + repr(files) + ") where id = 1234").fetchall()[0][0]
frame = pandas.read_parquet(files[0])
print(json.dumps([rows, low, high, titles, year, list(frame.columns), frame['title'][1], len(frame['v'][1])]))
`;
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'read.py'), script);
    const columns = ['id', 'title', 'v', '$meta', '__milvault_fingerprint'];
    expect(JSON.parse(await python(join(folder, 'read.py')))).toEqual([
      2000,
      0,
      1999,
      1600,
      '1934',
      columns,
      'Film 1 é',
      16,
    ]);
  });
});
