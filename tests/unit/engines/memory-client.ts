import { PageTooLarge, type KeyRange, type MilvusClient, type Page } from '@milvault/milvus';
import { compareKeys, fail, type CollectionDefinition, type PrimaryKey, type RowBatch } from '@milvault/shared';

export const definition: CollectionDefinition = {
  database: 'default',
  collection: 'c',
  description: '',
  collectionId: '1',
  schema: '',
  fields: [
    {
      name: 'id',
      type: 'Int64',
      nullable: false,
      primaryKey: true,
      autoId: false,
      partitionKey: false,
      hasDefault: false,
      dynamic: false,
      functionOutput: false,
    },
  ],
  shards: 1,
  consistencyLevel: 0,
  properties: [],
  partitionKeyMode: false,
  partitions: [{ name: '_default', loaded: true }],
  indexes: [],
  aliases: [],
  loaded: true,
};

export interface MemoryServer {
  readonly client: MilvusClient;
  /** Ranges that were asked for, in the order of asking. */
  readonly asked: KeyRange[];
  /** Most reads that went on at once. */
  readonly most: () => number;
}

const within = ({ after, upTo }: KeyRange, key: PrimaryKey): boolean =>
  (after === null || compareKeys(key, after) > 0) && (upTo === null || compareKeys(key, upTo) <= 0);

/**
 * The reading half of a client over keys in memory, each row of `rowBytes`, no reply larger than `limit`. A key that is
 * there several times is counted so and read once.
 */
export function memoryServer(keys: readonly bigint[], rowBytes: number, limit: number): MemoryServer {
  const asked: KeyRange[] = [];
  let now = 0;
  let most = 0;
  const read = async ({ range }: { range: KeyRange }): Promise<Page> => {
    asked.push(range);
    most = Math.max(most, ++now);
    // Later pages come first: order must not depend on arrival.
    for (let i = 20 - (asked.length % 20); i > 0; i--) await new Promise(setImmediate);
    now -= 1;
    const found = keys.filter((key) => within(range, key));
    if (found.length * rowBytes > limit) throw new PageTooLarge('message larger than max');
    const distinct = [...new Set(found)];
    return { batch: batchOf(distinct), wireBytes: found.length * rowBytes, duplicates: 0 };
  };
  const reading: Partial<MilvusClient> = {
    read,
    count: ({ range }) => Promise.resolve(keys.filter((key) => range === undefined || within(range, key)).length),
    countKeys: (_, wanted) => Promise.resolve(keys.filter((key) => wanted.includes(key)).length),
    splitKeys: ({ range }, rows) => {
      const inside = [...new Set(keys.filter((key) => range === undefined || within(range, key)))];
      return Promise.resolve(inside.filter((_, i) => (i + 1) % rows === 0 && i + 1 < inside.length));
    },
  };
  const refuse = (name: string) => (): never => {
    throw fail('INTERNAL', { what: `the test server has no ${name}` });
  };
  const client = new Proxy(reading, {
    get: (target, name) => Reflect.get(target, name) ?? refuse(String(name)),
    // The proxy answers for every method of the port: those above, or a refusal.
  }) as MilvusClient;
  return { client, asked, most: () => most };
}

export const batchOf = (keys: readonly bigint[]): RowBatch => ({
  rows: keys.length,
  primaryKey: 'id',
  columns: [
    {
      field: { name: 'id', type: 'Int64', nullable: false },
      data: { kind: 'int64', values: BigInt64Array.from(keys) },
      valid: null,
    },
  ],
});
