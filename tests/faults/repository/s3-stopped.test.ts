import { Stopped, systemClock } from '@milvault/shared';
import { initRepository, type StorageDriver } from '@milvault/repository';
import { describe, expect, it } from 'vitest';
import type { StoreLimits } from '../../../packages/repository/src/storage/s3/limits.ts';
import { createS3Storage } from '../../../packages/repository/src/storage/s3/s3.ts';
import { faultyProxy, type WireFault } from '../../support/faulty-proxy.ts';
import { takeBackup } from '../../support/repository.ts';
import { drain, KEY, LIMITS, stageOn, VALUE } from '../../support/s3-faults.ts';
import { s3Server } from '../../support/s3-servers.ts';

const store = s3Server('versitygw');

describe('work that is stopped', () => {
  const waits: readonly [string, (driver: StorageDriver) => Promise<unknown>][] = [
    ['a read', (driver) => driver.get(KEY)],
    ['a read of a range', (driver) => driver.getRange(KEY, 0, 5)],
    ['a look', (driver) => driver.stat(KEY)],
    ['a write', (driver) => driver.put(KEY, VALUE)],
    ['a list', (driver) => drain(driver, 'slots/')],
  ];
  const faults: readonly WireFault[] = ['hang', { status: 503, code: 'SlowDown' }];
  const PATIENT: StoreLimits = {
    ...LIMITS,
    idleMs: 600_000,
    callMs: 600_000,
    firstPauseMs: 600_000,
    longestPauseMs: 6e5,
  };

  it.each(waits.flatMap(([name, work]) => faults.map((fault) => [name, fault, work] as const)))(
    'waits no longer with %s where the store answers with %j, and says why',
    async (_name, fault, work) => {
      const { proxy, place } = await stageOn(store);
      const driver = createS3Storage(place, store.access({ endpoint: proxy.endpoint }), systemClock, PATIENT);
      const stop = new AbortController();
      const asked = new Promise<void>((settle) => {
        proxy.set(() => {
          settle();
          return fault;
        });
      });
      const result = work(driver.within!(stop.signal));
      const reason = new Stopped('cancelled');
      await Promise.all([expect(result).rejects.toBe(reason), asked.then(() => stop.abort(reason))]);
      await expect(work(driver.within!(stop.signal))).rejects.toBe(reason);
      proxy.set(null);
      // Only that work ends: the driver itself goes on.
      await driver.put(KEY, VALUE);
      expect(Buffer.compare(await driver.get(KEY), VALUE)).toBe(0);
    },
    20_000,
  );

  it('still decides, and still removes what it began', async () => {
    const { driver, direct } = await stageOn(store);
    const stopped = driver.within!(AbortSignal.abort(new Stopped('cancelled')));
    expect(await stopped.create(KEY, VALUE)).toBe('created');
    await stopped.remove(KEY);
    expect(await direct.stat(KEY)).toBeNull();
  });

  it('is a check or a clean-up that says nothing of the backup', async () => {
    const proxy = await faultyProxy(store.server().endpoint);
    const storage = createS3Storage(
      await store.newPlace(),
      store.access({ endpoint: proxy.endpoint }),
      systemClock,
      PATIENT,
    );
    const repository = await initRepository('', { clock: systemClock, storage });
    const backup = await takeBackup(repository, {});
    for (const work of [
      (signal: AbortSignal) => repository.within(signal).verify(backup.id, { level: 3, signal }),
      (signal: AbortSignal) => repository.within(signal).cleanup({ rules: [], dryRun: false, active: [], signal }),
    ]) {
      const stop = new AbortController();
      const reason = new Stopped('cancelled');
      const on = backup.id;
      proxy.set(({ url }) => {
        if (!decodeURIComponent(url).includes(on) && !url.includes('list-type')) return null;
        stop.abort(reason);
        return 'hang';
      });
      await expect(work(stop.signal)).rejects.toBe(reason);
      proxy.set(null);
    }
    expect((await repository.find(backup.id)).proofs).toEqual([]);
    expect((await repository.verify(backup.id, { level: 3 })).result).toBe('ok');
  }, 20_000);
});
