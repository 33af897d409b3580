import { afterEach, describe, expect, it } from 'vitest';
import { createService, JOBS, type JobRegistry, type QueueService } from '@milvault/jobs';
import { type Plan } from '@milvault/shared';
import { EACH_SECOND, planOf as films } from '../../support/jobs/plan.ts';
import { FAST, openTestHouse, until, type TestHouse } from '../../support/jobs/redis-house.ts';

const planOf = (extra: Partial<Plan> = {}): Plan => films({ timeZone: 'Europe/Berlin', ...extra });

/** A backup that takes its time and touches nothing. */
const slow = (ms: number): JobRegistry => ({
  ...JOBS,
  backup: {
    kind: 'backup',
    plan: async () => ({ state: null, parts: [], rowsTotal: 0 }),
    part: async () => null,
    finish: async (_asked, _planned, _results, { clock, signal }) => {
      await clock.sleep(ms, signal);
      return {};
    },
    abandon: async () => undefined,
  },
});

const FULL = 'plan_films_full';

describe('schedules', () => {
  let house: TestHouse | undefined;
  afterEach(async () => {
    await house?.close();
    house = undefined;
  });
  const schedulers = async (service: QueueService) => {
    const ticks = service.queues.find(({ name }) => name === 'ticks');
    const all = (await ticks?.getJobSchedulers(0, -1, true)) ?? [];
    return new Map(all.map((one) => [one.key, one]));
  };
  const runs = async (service: QueueService) => (await service.runs({ plan: 'films', limit: 100, offset: 0 })).runs;

  it('are those of the configuration, in its time zone', async () => {
    house = await openTestHouse({
      plans: [planOf({ incremental: '30 2 * * *', check: '0 5 * * 0', drill: '0 4 1 * *' })],
      health: '0 * * * *',
    });
    const service = await house.service({ keeper: true });
    const found = await schedulers(service);
    expect([...found.keys()].sort()).toEqual([
      'house_cleanup',
      'house_health',
      'plan_films_check',
      'plan_films_drill',
      FULL,
      'plan_films_incremental',
    ]);
    expect(found.get('plan_films_incremental')).toMatchObject({ pattern: '30 2 * * *', tz: 'Europe/Berlin' });
    const due = new Date(found.get('plan_films_incremental')?.next ?? 0);
    const inBerlin = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: 'Europe/Berlin' });
    expect(inBerlin.format(due)).toBe('02:30');
  });

  it('keep a run that was missed while everything was down', async () => {
    house = await openTestHouse({ plans: [planOf({ full: EACH_SECOND })] });
    const first = await house.service({ keeper: true });
    const missed = (await schedulers(first)).get(FULL)?.next ?? 0;
    await until(
      async () => Date.now(),
      (now) => now > missed + 500,
    );
    // Another process starts after the slot: an upsert now would throw the slot away.
    const second = await house.service({ keeper: true });
    expect((await schedulers(second)).get(FULL)?.next).toBe(missed);
    await house.worker({ jobs: slow(1) });
    const run = await until(
      () => second.run(`films_full_${String(missed)}`).catch(() => null),
      (seen) => seen !== null,
    );
    expect(run).toMatchObject({ kind: 'backup', plan: 'films', trigger: 'schedule' });
    expect(run?.request).toMatchObject({ source: 'src', type: 'full', plan: 'films', verify: 2 });
  });

  it('start the missed run first when their time is changed, and follow the change', async () => {
    house = await openTestHouse({ plans: [planOf({ full: EACH_SECOND })] });
    const first = await house.service({ keeper: true });
    const missed = (await schedulers(first)).get(FULL)?.next ?? 0;
    await until(
      async () => Date.now(),
      (now) => now > missed + 100,
    );
    await first.close();
    const changed = await createService({ ...house.config, plans: [planOf({ full: '15 3 * * *' })] }, house.options());
    try {
      expect((await schedulers(changed)).get(FULL)?.pattern).toBe('15 3 * * *');
      expect((await runs(changed)).map(({ id }) => id)).toEqual([`films_full_${String(missed)}`]);
    } finally {
      await changed.close();
    }
  });

  it('go when their plan goes, and an older process does not bring them back', async () => {
    house = await openTestHouse({ plans: [planOf()] });
    const older = await house.service({ keeper: true });
    expect((await schedulers(older)).has(FULL)).toBe(true);
    const newer = await createService({ ...house.config, plans: [planOf({ enabled: false })] }, house.options());
    try {
      expect((await schedulers(newer)).has(FULL)).toBe(false);
      const at = Date.now();
      await until(
        async () => Date.now(),
        (now) => now > at + 3 * (FAST.keeperMs ?? 0),
      );
      expect((await schedulers(older)).has(FULL)).toBe(false);
    } finally {
      await newer.close();
    }
  });

  it('record a slot as skipped while the run before it still goes on', async () => {
    house = await openTestHouse({ plans: [planOf({ full: EACH_SECOND })] });
    const service = await house.service({ keeper: true });
    await house.worker({ jobs: slow(2_300) });
    const seen = await until(
      () => runs(service),
      (all) => all.some(({ state }) => state === 'skipped') && all.some(({ state }) => state === 'succeeded'),
    );
    const skipped = seen.find(({ state }) => state === 'skipped');
    expect(String(skipped?.result?.['reason'])).toContain('still goes on');
    expect(seen.filter(({ state }) => state === 'running').length).toBeLessThanOrEqual(1);
  });

  it('a schedule that cannot start its run is an incident', async () => {
    house = await openTestHouse({ plans: [planOf({ full: null, drill: EACH_SECOND })] });
    const service = await house.service({ keeper: true });
    await house.worker();
    const open = await until(
      () => service.openIncidents(),
      (all) => all.some(({ incident }) => incident === 'health/schedule/plan_films_drill'),
    );
    expect(open.length).toBeGreaterThan(0);
  });
});
