import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { connectRedis } from '@milvault/catalog';
import { initRepository } from '@milvault/repository';
import { secret, systemClock, type Channel, type Clock, type Config } from '@milvault/shared';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '../../support/folder.ts';
import { httpSink } from '../../support/http-sink.ts';
import { ownRedis } from '../../support/jobs/own-redis.ts';
import { EACH_SECOND, planOf } from '../../support/jobs/plan.ts';
import { openTestHouse, until, type TestHouse } from '../../support/jobs/redis-house.ts';
import { takeBackup } from '../../support/repository.ts';

const HOUR = 3_600_000;
/** The same time, so many milliseconds later in the day. */
const later = (ms: number): Clock => ({ ...systemClock, now: () => systemClock.now() + ms });

describe('what the watch tells', () => {
  let house: TestHouse | undefined;
  afterEach(async () => {
    await house?.close();
    house = undefined;
  });
  const open = async (config: Partial<Config> = {}) => {
    const chat = await httpSink((response) => response.end('ok'));
    onTestFinished(() => chat.close());
    const webhook = secret(`http://127.0.0.1:${String(chat.port)}/services/T/B/x`);
    const channels: Channel[] = [{ kind: 'slack', name: 'chat', webhook }];
    house = await openTestHouse({ channels, ...config });
    const told = (about: string): string[] =>
      chat.posts.map(({ body }) => (JSON.parse(body) as { text: string }).text).filter((text) => text.includes(about));
    const hears = (about: string, count = 1) =>
      until(
        async () => told(about),
        (texts) => texts.length >= count,
      );
    return { house, told, hears };
  };

  it('is told again while it goes on, each reminder once by three processes, and its end once', async () => {
    const { house: here, told, hears } = await open({ remindHours: 900 / HOUR });
    const [service] = await Promise.all([1, 2, 3].map(() => here.service({ keeper: true })));
    await hears('no worker takes jobs', 4);
    const texts = told('no worker takes jobs');
    expect(texts[0]).toContain('Needs attention');
    expect(texts[1]).toContain('Still needs attention');
    expect(texts[1]).toContain('Start a worker');
    await here.worker();
    const [recovered] = await hears('workers take jobs');
    expect(recovered).toContain('recovered');
    await until(
      async () => service?.openIncidents() ?? [],
      (all) => all.length === 0,
    );
    const ids = told('no worker takes jobs').map((text) => /alert (\S+)$/m.exec(text)?.[1]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('survives a restart of everything: nothing is opened or told a second time', async () => {
    const { house: here, told, hears } = await open();
    const first = await here.service({ keeper: true });
    await hears('no worker takes jobs');
    const [before] = await first.openIncidents();
    await first.close();
    const again = await here.service({ keeper: true });
    const seen = await until(
      () => again.openIncidents(),
      (all) => (all[0]?.seenAt ?? 0) > (before?.seenAt ?? 0),
    );
    expect(seen).toMatchObject([{ incident: 'health/workers/queues', openedAt: before?.openedAt, told: 1 }]);
    expect(told('no worker takes jobs')).toHaveLength(1);
  });

  it('is a schedule that is overdue', async () => {
    const { house: here, hears } = await open({ plans: [planOf({ full: EACH_SECOND })] });
    await here.service({ keeper: true });
    await here.service({ keeper: true, clock: later(10 * 60_000) });
    const [text] = await hears('the schedule plan_films_full is overdue');
    expect(text).toContain('Was due');
  });

  it('is a plan without a good backup only after the time that it has for one, and its repository when it is away', async () => {
    const place = path.join(await temporaryFolder(), 'repo');
    const repository = await initRepository(place, { clock: systemClock });
    const {
      house: here,
      told,
      hears,
    } = await open({
      plans: [planOf()],
      repositories: [{ name: 'repo', place, access: null }],
    });
    const service = await here.service({ keeper: true });
    await until(
      () => service.openIncidents(),
      (all) => all.length > 0,
    );
    expect(told('has no good backup')).toEqual([]);
    await service.close();
    const aDayLater = await here.service({ keeper: true, clock: later(25 * HOUR) });
    await hears('plan films has no good backup');
    await takeBackup(repository, { plan: 'films' });
    await aDayLater.close();
    const then = await here.service({ keeper: true });
    const [recovered] = await hears('the newest good backup of plan films is');
    expect(recovered).toContain('recovered');
    await rm(place, { recursive: true });
    await then.close();
    await here.service({ keeper: true });
    const [away] = await hears('whether plan films has a good backup cannot be seen');
    expect(away).toContain('REPO_NOT_A_REPOSITORY');
  });

  it('ends when its subject is configured no more', async () => {
    const { house: here, hears } = await open();
    const service = await here.service();
    await service.catalog.incidents.open('health/source/old', 'source old cannot be used', systemClock.now());
    await here.service({ keeper: true });
    const [text] = await hears('source old cannot be used');
    expect(text).toContain('the source old is configured no more');
    await until(
      () => service.openIncidents(),
      (all) => all.every(({ incident }) => incident !== 'health/source/old'),
    );
  });

  it('is a Redis whose settings would lose jobs, and its end', async () => {
    const redis = await ownRedis();
    onTestFinished(() => redis.close());
    const { house: here, hears } = await open({ redis: secret(redis.url) });
    await here.service({ keeper: true });
    const client = connectRedis(secret(redis.url), 'asking', () => undefined);
    await client.connect();
    onTestFinished(() => client.disconnect());
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const [text] = await hears('Redis may lose jobs and schedules');
    expect(text).toContain('REDIS_EVICTS');
    expect(text).toContain('config set maxmemory-policy noeviction');
    await client.config('SET', 'maxmemory-policy', 'noeviction');
    const [recovered] = await hears('Redis keeps what it is given');
    expect(recovered).toContain('recovered');
  });
});

describe('the heartbeat', () => {
  it('is asked while milvault watches, and no more when Redis is away; its address stays secret', async () => {
    const redis = await ownRedis();
    const watch = await httpSink((response) => response.end());
    const house = await openTestHouse({
      redis: secret(redis.url),
      heartbeat: secret(`http://127.0.0.1:${String(watch.port)}/ping/planted-token`),
    });
    try {
      await house.service({ keeper: true });
      await until(
        async () => watch.posts.length,
        (count) => count >= 2,
      );
      expect(watch.posts[0]?.path).toBe('/ping/planted-token');
      await redis.stop();
      const stopped = watch.posts.length;
      const at = systemClock.monotonic();
      await until(
        async () => systemClock.monotonic() - at,
        (ms) => ms > 1_500,
      );
      // One may have been on its way.
      expect(watch.posts.length).toBeLessThanOrEqual(stopped + 1);
    } finally {
      await redis.start();
      await house.close();
      await redis.close();
      await watch.close();
    }
  });
});
