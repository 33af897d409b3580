import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createService, startWorker, type QueueService } from '@milvault/jobs';
import { secret, systemClock } from '@milvault/shared';
import { ownRedis, type OwnRedis } from '../../support/jobs/own-redis.ts';
import { configOf, openTestHouse, until, type TestHouse } from '../../support/jobs/redis-house.ts';

describe('a Redis that goes away or loses everything', () => {
  let redis: OwnRedis;
  let house: TestHouse;
  beforeEach(async () => {
    redis = await ownRedis();
    house = await openTestHouse({ redis: secret(redis.url) });
  });
  afterEach(async () => {
    await house.close();
    await redis.close();
  });
  const schedules = async (service: QueueService): Promise<number> =>
    (await service.queues.find(({ name }) => name === 'ticks')?.getJobSchedulersCount()) ?? 0;
  const up = (service: QueueService): Promise<boolean> =>
    service.ping().then(
      () => true,
      () => false,
    );

  it('gets its schedules back: after a flush at the next look, after a restart at once', async () => {
    const service = await house.service({ keeper: true });
    expect(await schedules(service)).toBe(2);
    await redis.flush();
    await until(
      () => schedules(service),
      (count) => count === 2,
    );
    await redis.stop();
    await expect(service.ping()).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
    await expect(service.runs({ limit: 1, offset: 0 })).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
    await redis.start();
    await until(() => up(service), Boolean);
    expect(await schedules(service)).toBe(2);
  });

  it('does not keep a worker or a service from ending', async () => {
    await house.service({ keeper: true });
    const service = await house.service({ keeper: true });
    const worker = await startWorker(house.config, house.options());
    await redis.stop();
    const from = systemClock.monotonic();
    await Promise.all([service.close(), worker.close()]);
    expect(systemClock.monotonic() - from).toBeLessThan(8_000);
    await redis.start();
  });

  it('lets a worker go on when it is back', async () => {
    const service = await house.service();
    await house.worker();
    await redis.stop();
    await redis.start();
    await until(() => up(service), Boolean);
    await until(
      () => service.workers(),
      (workers) => workers.length === 1,
    );
    const { id } = await service.start('health', {}, { trigger: 'api', plan: null });
    expect(await service.wait(id, AbortSignal.timeout(90_000))).toMatchObject({ state: 'succeeded' });
  });
});

describe('a Redis that would lose jobs', () => {
  it.each([
    [{ appendonly: 'no' }, 'REDIS_FORGETS', 'appendonly yes', 'appendonly no'],
    [
      { 'maxmemory-policy': 'allkeys-lru' },
      'REDIS_EVICTS',
      'maxmemory-policy noeviction',
      'maxmemory-policy allkeys-lru',
    ],
  ])('%j is refused with what to do', async (settings, code, expected, got) => {
    const redis = await ownRedis(settings);
    const house = await openTestHouse({ redis: secret(redis.url) });
    try {
      const refused = { code, expected, got, next: expect.stringContaining('redis-cli config set') as string };
      await expect(house.service()).rejects.toMatchObject(refused);
      await expect(startWorker(house.config, house.options())).rejects.toMatchObject(refused);
    } finally {
      await house.close();
      await redis.close();
    }
  });

  it('that is not there is named, without its password', async () => {
    const failed = createService(configOf({ redis: secret('redis://:hunter2@127.0.0.1:1/0') }));
    await expect(failed).rejects.toMatchObject({
      code: 'REDIS_UNREACHABLE',
      got: expect.stringContaining('ECONNREFUSED') as string,
    });
    await expect(failed).rejects.not.toThrow('hunter2');
  });
});
