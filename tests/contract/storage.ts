import { hasCode, type Clock } from '@milvault/shared';
import type { StorageDriver } from '@milvault/repository';
import { beforeEach, describe, expect, it } from 'vitest';

/** What the battery needs to know of one kind of storage. */
export interface StorageUnderTest {
  readonly name: string;
  /** An empty store. */
  readonly open: (clock: Clock) => Promise<StorageDriver>;
  readonly clock: Clock;
}

const ID = '01j00000000000000000000000';
const OTHER = '01j11111111111111111111111';
const KEYS = [
  `data/${ID}/${ID}/intent.json`,
  `data/${ID}/${ID}/${OTHER}/00000000-1.parquet`,
  `data/${ID}/${ID}/${OTHER}/00000000-1-2.parquet`,
  `data/${ID}/${OTHER}/intent.json`,
  `slots/${ID}/${ID}.json`,
];
const slot = `slots/${ID}/${ID}.json`;
const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (value: Uint8Array): string => Buffer.from(value).toString();

/** The promises of `StorageDriver`: every driver passes all of these. */
export function storageContract(target: StorageUnderTest): void {
  describe(`storage ${target.name}`, () => {
    let store: StorageDriver;
    beforeEach(async () => {
      store = await target.open(target.clock);
      await store.create('repo.json', bytes('{}'));
    });

    const listed = async (prefix: string): Promise<string[]> => {
      const keys: string[] = [];
      for await (const { key } of store.list(prefix)) keys.push(key);
      return keys;
    };

    it('gives back what was put, whole and in ranges', async () => {
      const value = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
      await store.put(slot, value);
      expect(Buffer.compare(await store.get(slot), value)).toBe(0);
      expect(Buffer.compare(await store.getRange(slot, 100, 50), value.subarray(100, 150))).toBe(0);
      expect((await store.getRange(slot, 990, 50)).length).toBe(10);
      expect((await store.getRange(slot, 2000, 50)).length).toBe(0);
    });

    it('does not hold on to the memory of its caller', async () => {
      const value = bytes('before');
      await store.put(slot, value);
      value.fill(0);
      expect(text(await store.get(slot))).toBe('before');
    });

    it('keeps an empty object', async () => {
      await store.put(slot, new Uint8Array());
      expect((await store.stat(slot))?.size).toBe(0);
      expect((await store.get(slot)).length).toBe(0);
    });

    it('replaces an object that is put again', async () => {
      await store.put(slot, bytes('first, and longer'));
      await store.put(slot, bytes('second'));
      expect(text(await store.get(slot))).toBe('second');
    });

    it('creates an object only where there is none', async () => {
      expect(await store.create(slot, bytes('winner'))).toBe('created');
      expect(await store.create(slot, bytes('loser'))).toBe('exists');
      expect(text(await store.get(slot))).toBe('winner');
    });

    it('lets exactly one of many racing creators win', async () => {
      for (let round = 0; round < 5; round++) {
        const racers = Array.from({ length: 12 }, (_, i) => store.create(slot, bytes(`racer ${i}`)));
        const results = await Promise.all(racers);
        expect(results.filter((result) => result === 'created')).toHaveLength(1);
        expect(text(await store.get(slot))).toBe(`racer ${results.indexOf('created')}`);
        await store.remove(slot);
      }
    });

    it('never shows half an object while it is replaced', async () => {
      const values = ['a', 'b', 'c'].map((letter) => bytes(letter.repeat(200_000)));
      await store.put(slot, values[0]!);
      const writers = Promise.all(values.map((value) => store.put(slot, value)));
      for (let i = 0; i < 10; i++) {
        const value = text(await store.get(slot));
        expect(value).toBe(value.charAt(0).repeat(200_000));
      }
      await writers;
    });

    it('says OBJECT_MISSING for what is not there', async () => {
      for (const read of [() => store.get(slot), () => store.getRange(slot, 0, 1)]) {
        await expect(read()).rejects.toSatisfy((error) => hasCode(error, 'OBJECT_MISSING'));
      }
      expect(await store.stat(slot)).toBeNull();
    });

    it('lists in the order of keys, below a prefix and everywhere', async () => {
      for (const key of [...KEYS].reverse()) await store.put(key, bytes(key));
      expect(await listed('')).toEqual([...KEYS, 'repo.json'].sort());
      expect(await listed('data/')).toEqual(KEYS.filter((key) => key.startsWith('data/')).sort());
      expect(await listed(`data/${ID}/${ID}/`)).toEqual(KEYS.slice(0, 3).sort());
      expect(await listed('tombs/')).toEqual([]);
    });

    it('lists sizes and times', async () => {
      await store.put(slot, bytes('12345'));
      for await (const object of store.list('slots/')) {
        expect(object.size).toBe(5);
        expect(Math.abs(object.modifiedAt - target.clock.now())).toBeLessThan(60_000);
      }
    });

    it('removes an object, and what is not there too', async () => {
      await store.put(slot, bytes('x'));
      await store.remove(slot);
      await store.remove(slot);
      expect(await store.stat(slot)).toBeNull();
      expect(await listed('slots/')).toEqual([]);
      await store.put(slot, bytes('again'));
      expect(text(await store.get(slot))).toBe('again');
    });

    it('writes while the last neighbour in a folder is removed', async () => {
      const keys = Array.from(
        { length: 30 },
        (_, i) => `data/${ID}/${ID}/${OTHER}/${String(i).padStart(8, '0')}-1.parquet`,
      );
      await Promise.all(
        keys.map(async (key, i) => {
          await store.put(key, bytes(key));
          if (i % 2 === 0) await store.remove(key);
        }),
      );
      expect(await listed('data/')).toHaveLength(15);
    });

    it('refuses keys that are none', async () => {
      const bad = [
        '../x',
        '/etc/passwd',
        'data/../../x',
        'data//x',
        'slots/A',
        'slots/a/',
        'a\0b',
        'slots/..',
        'data/a..b',
        '',
      ];
      for (const key of bad) {
        await expect(
          Promise.resolve().then(() => store.put(key, bytes('x'))),
          key,
        ).rejects.toThrow(/not a key/);
        await expect(
          Promise.resolve().then(() => store.get(key)),
          key,
        ).rejects.toThrow(/not a key/);
      }
    });

    it('is empty before its first object only', async () => {
      expect(await store.isEmpty()).toBe(false);
      expect(await (await target.open(target.clock)).isEmpty()).toBe(true);
    });

    it('sweeps nothing that is alive', async () => {
      await store.put(slot, bytes('x'));
      expect(await store.sweep(0)).toBe(0);
      expect(text(await store.get(slot))).toBe('x');
    });
  });
}
