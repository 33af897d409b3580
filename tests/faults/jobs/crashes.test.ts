import { runFailedEvent } from '@milvault/alerts';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectRedis } from '@milvault/catalog';
import type { AnyJob } from '@milvault/jobs';
import { asPayload, effectsOf, PROBES, type ProbePayload } from '../../support/jobs/probe-job.ts';
import { systemClock, type Run } from '@milvault/shared';
import { FAST, openTestHouse, until, type TestHouse } from '../../support/jobs/redis-house.ts';

const BY_HAND = { trigger: 'api', plan: null };
const patience = (): AbortSignal => AbortSignal.timeout(90_000);

describe('a run whose worker goes away', () => {
  let house: TestHouse;
  beforeEach(async () => {
    house = await openTestHouse();
  });
  afterEach(() => house.close());

  const probe = (extra: Partial<ProbePayload> = {}): ProbePayload => ({
    folder: path.join(house.folder, 'effects'),
    parts: 12,
    partMs: 150,
    ...extra,
  });
  const effects = () => effectsOf(probe().folder);

  it('ends well exactly once when one of two workers is killed in the middle of its parts', async () => {
    const service = await house.service();
    const [first] = await Promise.all([house.child(), house.worker()]);
    const { id } = await service.start('backup', asPayload(probe()), BY_HAND);
    await until(effects, ({ log }) => log.some((line) => line.includes(`by ${String(first.pid)}`)) && log.length >= 5);
    await first.kill();

    const run = await service.wait(id, patience());
    expect(run).toMatchObject({ state: 'succeeded', attempts: 1, result: { rows: 120 }, error: null });
    expect(run.progress).toMatchObject({ rows: 120, partsDone: 12 });
    const { log, commits, files } = await effects();
    expect(commits).toBe(1);
    expect(log.filter((line) => line === 'plan')).toHaveLength(1);
    // What was under way in the killed process was done again, and knew that it was not the first try.
    expect(log.some((line) => line.includes('again'))).toBe(true);
    const tries = files.filter((file) => file.startsWith('part-'));
    expect(new Set(tries).size).toBe(tries.length);
    expect(new Set(tries.map((file) => file.split('.')[0])).size).toBe(12);
  });

  it('goes on at once in another worker when its worker ends, without using up an attempt', async () => {
    const service = await house.service();
    const leaving = await house.worker();
    const { id } = await service.start('backup', asPayload(probe({ parts: 4, partMs: 600 })), BY_HAND);
    await until(effects, ({ log }) => log.some((line) => line.startsWith('part')));
    await house.worker();
    const from = systemClock.monotonic();
    await leaving.close();
    expect(systemClock.monotonic() - from).toBeLessThan(FAST.handoverMs ?? 0);

    const run = await service.wait(id, patience());
    expect(run).toMatchObject({ state: 'succeeded', attempts: 1, progress: { rows: 40, partsDone: 4 } });
    expect((await effects()).commits).toBe(1);
  });

  it('is taken up again where its lock was lost while it waited for another run', async () => {
    const redis = connectRedis(house.config.redis, 'asking', () => undefined);
    await redis.connect();
    let locksLost = 0;
    const loseLock = async (): Promise<readonly string[]> => {
      const { id } = await waiting;
      if (locksLost === 0) locksLost = await redis.del(`${house.prefix}:checks:${id}:lock`);
      return ['one at a time'];
    };
    const verify: AnyJob = { ...PROBES.verify, leases: loseLock };
    const jobs = { ...PROBES, verify };
    const service = await house.service({ jobs });
    const long = probe({ parts: 1, partMs: 1500, lease: 'one at a time' });
    const first = await service.start('backup', asPayload(long), BY_HAND);
    const own = probe({ folder: path.join(house.folder, 'waiting'), parts: 1 });
    let tell: (run: Run) => void = () => undefined;
    const waiting = new Promise<Run>((resolve) => (tell = resolve));
    await house.worker({ jobs });
    await until(effects, ({ log }) => log.some((line) => line.startsWith('part')));
    const second = await service.start('verify', asPayload(own), BY_HAND);
    tell(second);
    expect(await service.wait(second.id, patience())).toMatchObject({ state: 'succeeded', error: null });
    expect(await service.wait(first.id, patience())).toMatchObject({ state: 'succeeded' });
    expect(locksLost).toBe(1);
    redis.disconnect();
  });

  it('hands over the end of a run, too', async () => {
    const service = await house.service();
    const first = await house.worker();
    const { id } = await service.start('backup', asPayload(probe({ parts: 1, partMs: 1, finishMs: 1_500 })), BY_HAND);
    await until(effects, ({ log }) => log.includes('finish'));
    await first.close();
    expect((await service.run(id)).state).toBe('running');
    await house.worker();
    expect(await service.wait(id, patience())).toMatchObject({ state: 'succeeded', attempts: 1 });
    const { commits, log } = await effects();
    expect(commits).toBe(1);
    // What was made ready may have its final name by then: making it again would stand in its way.
    expect(log.filter((line) => line === 'begin')).toHaveLength(1);
  });

  it('fails with a word, is cleaned up and told when its workers die too often', async () => {
    const service = await house.service({ keeper: true });
    const dying = await house.child();
    const { id } = await service.start('backup', asPayload(probe({ planMs: 60_000 })), BY_HAND);
    await until(effects, ({ log }) => log.includes('plan'));
    await dying.kill();
    // For this worker one death is one too many.
    await house.worker({ tuning: { ...house.options().tuning, maxStalled: 0 } });

    const run = await service.wait(id, patience());
    expect(run).toMatchObject({ state: 'failed', error: { code: 'INTERNAL' } });
    expect(run.error?.message).toContain('given up');
    await until(effects, ({ abandons }) => abandons === 1);
    await until(
      () => service.catalog.incidents.wasTold(runFailedEvent(run).key),
      (told) => told,
    );
  });
});
