import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { sourceIdOf, systemClock, type Backup, type Clock } from '@milvault/shared';
import type { CollectionDefinition, FieldShape, RowBatch } from '@milvault/shared';
import {
  addContentSums,
  EMPTY_SUM,
  initRepository,
  type BackupDraft,
  type ChunkEntry,
  type Repository,
} from '@milvault/repository';
import { temporaryFolder } from './folder.ts';

/** Builders of rows and backups, for tests that need some and do not care which. */

/** A clock that stands still until it is moved. */
export interface TestClock extends Clock {
  advance(ms: number): void;
}

export function testClock(start = Date.UTC(2026, 0, 5, 2, 0, 0)): TestClock {
  let now = start;
  return {
    now: () => now,
    monotonic: () => now,
    sleep: async (ms) => {
      now += ms;
    },
    advance: (ms) => {
      now += ms;
    },
  };
}

/** A fresh repository in a folder that goes with the test, and the clock that it lives by. */
export async function repositoryInFolder(): Promise<{ place: string; repository: Repository; clock: TestClock }> {
  const place = join(await temporaryFolder(), 'repo');
  const clock = testClock(systemClock.now());
  return { place, clock, repository: await initRepository(place, { clock }) };
}

export const DAY = 24 * 60 * 60 * 1000;
export const SOURCE = { sourceId: sourceIdOf('milvus:19530'), sourceAddress: 'milvus:19530', serverVersion: '2.3.5' };

export function definitionOf(
  fields: readonly FieldShape[],
  primaryKey: string,
  collection = 'films',
): CollectionDefinition {
  return {
    database: 'default',
    collection,
    description: '',
    collectionId: '451',
    schema: '',
    fields: fields.map((field) => ({
      ...field,
      primaryKey: field.name === primaryKey,
      autoId: false,
      partitionKey: false,
      hasDefault: false,
      dynamic: field.name === '$meta',
      functionOutput: false,
    })),
    shards: 1,
    consistencyLevel: null,
    properties: [],
    partitionKeyMode: false,
    partitions: [{ name: '_default', loaded: true }],
    indexes: [],
    aliases: [],
    loaded: true,
  };
}

/** Films with the ids [from, from + rows): a key, a title that may be null, a vector and `$meta`. */
export function filmBatch(from: number, rows: number): RowBatch {
  const ids = Array.from({ length: rows }, (_, i) => from + i);
  const vector = Float32Array.from(ids.flatMap((id) => [id, -id, id / 3, 1 / (id + 1)]));
  return {
    rows,
    primaryKey: 'id',
    columns: [
      {
        field: { name: 'id', type: 'Int64', nullable: false },
        data: { kind: 'int64', values: BigInt64Array.from(ids.map(BigInt)) },
        valid: null,
      },
      {
        field: { name: 'title', type: 'VarChar', nullable: true },
        data: { kind: 'bytes', values: ids.map((id) => Buffer.from(id % 5 === 0 ? '' : `Film ${id} é`)) },
        valid: ids.some((id) => id % 5 === 0) ? Uint8Array.from(ids.map((id) => (id % 5 === 0 ? 0 : 1))) : null,
      },
      {
        field: { name: 'v', type: 'FloatVector', dim: 4, nullable: false },
        data: { kind: 'fixed', width: 16, bytes: new Uint8Array(vector.buffer) },
        valid: null,
      },
      {
        field: { name: '$meta', type: 'JSON', nullable: false },
        data: { kind: 'bytes', values: ids.map((id) => Buffer.from(`{"year": ${1900 + (id % 100)}, "n": ${id}.50}`)) },
        valid: null,
      },
    ],
  };
}

export interface TakeOptions {
  readonly plan?: string | null;
  readonly rows?: number;
  readonly rowsPerChunk?: number;
  readonly collections?: readonly string[];
}

export const beginBackup = (repository: Repository, plan: string | null = 'nightly'): Promise<BackupDraft> =>
  repository.begin({ type: 'full', ...SOURCE, plan, note: null });

/** Puts the chunks of one collection of films. */
export async function putFilms(
  repository: Repository,
  draft: BackupDraft,
  collection: string,
  options: TakeOptions,
): Promise<ChunkEntry[]> {
  const rows = options.rows ?? 20;
  const step = options.rowsPerChunk ?? 10;
  const chunks: ChunkEntry[] = [];
  for (let from = 0; from < rows; from += step) {
    const batch = filmBatch(from, Math.min(step, rows - from));
    const definition = definitionOf(
      batch.columns.map((column) => column.field),
      'id',
      collection,
    );
    const seq = chunks.length;
    chunks.push(await repository.putChunk(draft, { definition, partition: '_default', seq, fence: '1', batch }));
  }
  return chunks;
}

export function filmIndex(collection: string, chunks: readonly ChunkEntry[]) {
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  const fields = filmBatch(0, 1).columns.map((column) => column.field);
  return {
    definition: definitionOf(fields, 'id', collection),
    primaryKey: 'id',
    rows,
    contentSum: addContentSums(EMPTY_SUM, ...chunks.map((chunk) => chunk.contentSum)),
    counted: { before: rows, after: rows },
    shadowedDuplicates: 0,
    chunks,
  };
}

export async function commitFilms(
  repository: Repository,
  draft: BackupDraft,
  collections: ReadonlyMap<string, readonly ChunkEntry[]>,
): Promise<Backup> {
  return repository.commit(draft, {
    engine: 'rows',
    databases: [{ name: 'default', properties: [] }],
    collections: [...collections].map(([name, chunks]) => filmIndex(name, chunks)),
    consistency: 'fuzzy',
    warnings: [],
  });
}

/** A whole backup of films. */
export async function takeBackup(repository: Repository, options: TakeOptions = {}): Promise<Backup> {
  const draft = await beginBackup(repository, options.plan ?? null);
  const collections = new Map<string, ChunkEntry[]>();
  for (const name of options.collections ?? ['films']) {
    collections.set(name, await putFilms(repository, draft, name, options));
  }
  return commitFilms(repository, draft, collections);
}

/** A sealed object of a repository as plain JSON, without its seal: to be changed and sealed again. */
export function unsealed(bytes: Uint8Array): Record<string, unknown> {
  const record = JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>;
  delete record['sha256'];
  return record;
}

/** Any object with a seal, right or wrong for its place: made here by the words of docs/backup-format.md. */
export function sealed(value: object): Uint8Array {
  const body = JSON.stringify(value).slice(0, -1);
  return Buffer.from(`${body},"sha256":"${createHash('sha256').update(body).digest('hex')}"}`);
}

export const plainJson = (value: object): Uint8Array => Buffer.from(JSON.stringify(value));
