import { systemClock } from '@milvault/shared';
import { openStorage } from '@milvault/repository';
import { describe, expect, it } from 'vitest';
import { GOOD_STORES, s3Server } from '../../support/s3-servers.ts';
import { storageContract } from '../storage.ts';

for (const kind of GOOD_STORES) {
  describe(`a bucket of ${kind}`, () => {
    const store = s3Server(kind);

    storageContract({
      name: `s3 on ${kind}`,
      clock: systemClock,
      open: async (clock) => openStorage(await store.newPlace(), clock, store.access()),
    });

    storageContract({
      name: `s3 on ${kind}, with MD5, in a whole bucket`,
      clock: systemClock,
      open: async (clock) => openStorage(await store.newPlace(''), clock, store.access({ checksum: 'md5' })),
    });

    it('has one winner for each of 20 keys that 8 create at once', async () => {
      const place = await store.newPlace();
      const drivers = Array.from({ length: 8 }, () => openStorage(place, systemClock, store.access()));
      await drivers[0]!.create('repo.json', Buffer.from('{}'));
      const keys = Array.from({ length: 20 }, (_, i) => `slots/${String(i).padStart(4, '0')}`);
      const results = await Promise.all(
        keys.flatMap((key) =>
          drivers.map(async (driver, i) => ({ key, i, won: await driver.create(key, Buffer.from(`racer ${i}`)) })),
        ),
      );
      const winners = results.filter(({ won }) => won === 'created');
      expect(winners.map(({ key }) => key).sort()).toEqual(keys);
      for (const { key, i } of winners) {
        expect(Buffer.from(await drivers[0]!.get(key)).toString()).toBe(`racer ${i}`);
      }
    });

    it('tells two creators of the same bytes apart', async () => {
      const driver = openStorage(await store.newPlace(), systemClock, store.access());
      await driver.create('repo.json', Buffer.from('{}'));
      const results = await Promise.all(Array.from({ length: 8 }, () => driver.create('slots/a', Buffer.from('same'))));
      expect(results.filter((result) => result === 'created')).toHaveLength(1);
    });

    it('lists more objects than one answer holds, in order', async () => {
      const driver = openStorage(await store.newPlace(), systemClock, store.access());
      await driver.create('repo.json', Buffer.from('{}'));
      const keys = Array.from({ length: 2_003 }, (_, i) => `data/x/${String(i).padStart(5, '0')}`);
      for (let from = 0; from < keys.length; from += 50) {
        await Promise.all(keys.slice(from, from + 50).map((key) => driver.put(key, Buffer.from('x'))));
      }
      const listed: string[] = [];
      for await (const { key } of driver.list('data/')) listed.push(key);
      expect(listed).toEqual(keys);
    }, 120_000);
  });
}
