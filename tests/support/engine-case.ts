import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRowsEngine, type Engine } from '@milvault/engines';
import { createMilvusClient, type CollectionRef, type MilvusClient } from '@milvault/milvus';
import { initRepository, type Repository } from '@milvault/repository';
import { systemClock, type CollectionDefinition, type RowBatch } from '@milvault/shared';
import { afterAll, beforeAll } from 'vitest';
import { addressOf, engineDeps } from './engine-run.ts';
import { dropShapes, makeShapes, ownPrefix, type Shape } from './shapes.ts';

export const rowsEngine = (): Engine => createRowsEngine(engineDeps);

export interface EngineCase {
  readonly engine: Engine;
  readonly client: MilvusClient;
  readonly folder: string;
  readonly repository: Repository;
  readonly prefix: string;
  /** All that the server serves of the asked ones; of every shape where none was named. */
  readonly shapes: readonly Shape[];
  /** A collection of that shape, made by the oracle before the tests. */
  shape(name: string): Shape;
  ref(name: string): CollectionRef;
}

/** An engine, a repository in a folder of its own and some shapes on a server; all of it is gone after the tests. */
export function engineCase(server: () => string, only: readonly string[]): EngineCase {
  const prefix = ownPrefix();
  const engine = rowsEngine();
  let client: MilvusClient;
  let folder: string;
  let repository: Repository;
  let shapes: readonly Shape[];
  beforeAll(async () => {
    client = createMilvusClient(addressOf(server()), { clock: systemClock });
    folder = await mkdtemp(join(tmpdir(), 'milvault-engine-'));
    repository = await initRepository(folder, { clock: systemClock });
    shapes = (await makeShapes(server(), prefix, only)).shapes;
  });
  afterAll(async () => {
    await dropShapes(server(), prefix);
    client.close();
    await rm(folder, { recursive: true, force: true });
  });
  const shape = (name: string): Shape => {
    const found = shapes.find((one) => one.name === name);
    if (found === undefined) throw new Error(`the server has no shape ${name}`);
    return found;
  };
  return {
    engine,
    prefix,
    get client() {
      return client;
    },
    get folder() {
      return folder;
    },
    get repository() {
      return repository;
    },
    get shapes() {
      return shapes;
    },
    shape,
    ref: (name) => ({ database: shape(name).database, collection: shape(name).collection }),
  };
}

/** Rows for a shape that has a key `id` and a `vector` of eight dimensions. */
export function rowsWithKeys(keys: readonly bigint[]): RowBatch {
  const vectors = Float32Array.from({ length: keys.length * 8 }, (_, i) => i);
  return {
    rows: keys.length,
    primaryKey: 'id',
    columns: [
      {
        field: { name: 'id', type: 'Int64', nullable: false },
        data: { kind: 'int64', values: BigInt64Array.from(keys) },
        valid: null,
      },
      {
        field: { name: 'vector', type: 'FloatVector', dim: 8, nullable: false },
        data: { kind: 'fixed', width: 32, bytes: new Uint8Array(vectors.buffer) },
        valid: null,
      },
    ],
  };
}

export const insertKeys = (client: MilvusClient, definition: CollectionDefinition, keys: readonly bigint[]) =>
  client.write({
    definition,
    partition: '_default',
    batch: rowsWithKeys(keys),
    mode: 'insert',
    signal: new AbortController().signal,
  });
