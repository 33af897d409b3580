import fc from 'fast-check';
import { initRepository, openRepository, openStorage, type Repository, type StorageDriver } from '@milvault/repository';
import { isMilvaultError, systemClock, type Damage } from '@milvault/shared';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseKey, type ObjectName } from '../../../packages/repository/src/format/names.ts';
import { takeIncremental } from '../../support/borrowing.ts';
import { engineCase } from '../../support/engine-case.ts';
import { takeBackup as takeByEngine } from '../../support/engine-run.ts';
import { beginBackup, takeBackup, testClock } from '../../support/repository.ts';
import { milvusWithStorage, segmentsEngine } from '../../support/segments.ts';
import { servers } from '../../support/servers.ts';

type Kind = ObjectName['kind'];

/** Where a flipped bit is tried: every byte of the ends, where headers and seals are, and some in between. */
const HEAD = 48;
const TAIL = 96;
const BETWEEN = 40;

/** The level of the check that finds it; where none does, who does. */
const FOUND_BY = {
  repo: 'opening',
  slot: 'survey',
  hold: 'hold',
  report: 'survey',
  manifest: 0,
  index: 0,
  deletions: 0,
  chunk: 2,
  log: 2,
} as const satisfies Partial<Record<Kind, number | string>>;
type Tried = keyof typeof FOUND_BY;

/** An intent says nothing once its backup is decided; a tomb and the others say all that counts by their names. */
const WITHOUT_CONTENT: readonly Kind[] = ['intent', 'tomb', 'pin', 'marker', 'reading'];

describe('a bit that is flipped at any place of any object of a repository', () => {
  const given = engineCase(() => servers().milvus, ['partitions']);
  const clock = testClock(systemClock.now());
  let storage: StorageDriver;
  let held: string;
  const objects = new Map<Tried, string[]>();

  beforeAll(async () => {
    storage = openStorage('memory:', clock);
    const repository = await initRepository('', { clock, storage });
    const full = await takeBackup(repository, { rows: 30, rowsPerChunk: 10 });
    await takeIncremental(repository, full.id, { dead: { 0: [0, 3], 1: [9] }, fresh: [40, 5] });
    await repository.verify(full.id, { level: 3 });
    await repository.hold(full.id, 'before the migration');
    held = full.id;
    const buried = await takeBackup(repository);
    await repository.remove(buried.id, { force: true });
    await repository.abandon(await beginBackup(repository), 'a test');
    await given.client.flush(given.ref('partitions'));
    const collections = [given.ref('partitions').collection];
    await takeByEngine(segmentsEngine(), milvusWithStorage(), repository, { collections });
    for await (const { key } of storage.list('')) {
      const kind = parseKey(key)?.kind;
      if (kind === undefined) throw new Error(`${key} is no key`);
      if (!WITHOUT_CONTENT.includes(kind) && !key.includes(buried.id))
        objects.set(kind as Tried, [...(objects.get(kind as Tried) ?? []), key]);
    }
  });

  const open = (): Promise<Repository> => openRepository('', { clock, storage });

  /** Flips one bit, asks, and puts the object back. */
  async function flipped<T>(key: string, at: number, bit: number, ask: () => Promise<T>): Promise<T> {
    const good = await storage.get(key);
    const bad = Uint8Array.from(good);
    bad[at] = (bad[at] ?? 0) ^ (1 << bit);
    await storage.put(key, bad);
    try {
      return await ask();
    } finally {
      await storage.put(key, good);
    }
  }

  const damagesAt = async (key: string, level: 0 | 1 | 2 | 3): Promise<readonly Damage[]> => {
    const name = parseKey(key);
    if (name === null || !('backupId' in name)) throw new Error(`${key} belongs to no backup`);
    const report = await (await open()).verify(name.backupId, { level });
    for await (const { key: added } of storage.list('reports/')) if (!isKnown(added)) await storage.remove(added);
    return report.damages;
  };
  const isKnown = (key: string): boolean => objects.get('report')?.includes(key) ?? false;

  async function isFound(kind: Tried, key: string): Promise<boolean> {
    const by = FOUND_BY[kind];
    if (by === 'opening') return open().then(() => false, isMilvaultError);
    if (by === 'survey') return (await (await open()).survey()).damages.some(({ object }) => object === key);
    if (by === 'hold') return (await (await open()).find(held)).hold?.reason === 'the record of the hold is damaged';
    if (by > 0 && (await damagesAt(key, by === 2 ? 1 : 0)).length > 0) return false;
    const damages = await damagesAt(key, by);
    return damages.some((one) => one.object === key && (by === 0 || namesItsRows(one)));
  }

  /** What is lost is named: by keys where rows lie in the order of these, else by partition and number. */
  const namesItsRows = ({ object, partition, keyMin, keyMax, rows }: Damage): boolean =>
    partition !== undefined && (rows ?? 0) > 0 && (object.endsWith('.binlog') || (keyMin ?? keyMax) !== undefined);

  it('knows all kinds of objects', () => {
    expect([...objects.keys()].sort()).toEqual(Object.keys(FOUND_BY).sort());
  });

  it.each(Object.keys(FOUND_BY) as Tried[])('is found in %s', { timeout: 120_000 }, async (kind) => {
    for (const key of objects.get(kind) ?? []) {
      const { length } = await storage.get(key);
      const middle = fc.sample(fc.integer({ min: 0, max: length - 1 }), BETWEEN);
      const ends = Array.from({ length }, (_, at) => at).filter((at) => at < HEAD || at >= length - TAIL);
      for (const at of new Set([...ends, ...middle])) {
        const bit = at % 8;
        const found = await flipped(key, at, bit, () => isFound(kind, key));
        expect(found, `bit ${String(bit)} of byte ${String(at)} of ${key}`).toBe(true);
      }
    }
    expect(await (await open()).survey()).toMatchObject({ damages: [] });
  });
});
