import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JOBS, type JobRegistry } from '@milvault/jobs';
import { initRepository, type Repository } from '@milvault/repository';
import { systemClock, type Backup, type Plan, type RunKind } from '@milvault/shared';
import { temporaryFolder } from '../../support/folder.ts';
import { EACH_SECOND, planOf } from '../../support/jobs/plan.ts';
import { openTestHouse, until, type TestHouse } from '../../support/jobs/redis-house.ts';
import { DAY, takeBackup, testClock } from '../../support/repository.ts';

const COUNT = 5;

/** Trial restores that say that they went well and touch nothing: which ones are started is what is looked at. */
const JOBS_WITHOUT_MILVUS: JobRegistry = {
  ...JOBS,
  drill: {
    kind: 'drill',
    plan: async () => ({ state: null, parts: [], rowsTotal: 0 }),
    part: async () => null,
    finish: async (asked, _planned, _results, context) => {
      // What schedules give to a drill.
      const { repository, backup } = asked as { repository: string; backup: string };
      const proof = { level: 4, result: 'ok', at: context.clock.now() } as const;
      await (await context.repository(repository)).addProof(backup, proof, {});
      return {};
    },
    abandon: async () => undefined,
  },
};

describe('stored backups', () => {
  let place: string;
  let repository: Repository;
  let taken: Backup[];
  let house: TestHouse | undefined;
  beforeEach(async () => {
    place = path.join(await temporaryFolder(), 'repo');
    const clock = testClock(systemClock.now() - 10 * DAY);
    repository = await initRepository(place, { clock });
    taken = [];
    for (let i = 0; i < COUNT; i++) {
      taken.push(await takeBackup(repository, { plan: 'films' }));
      clock.advance(DAY);
    }
    await takeBackup(repository, { plan: 'another' });
  });
  afterEach(async () => {
    await house?.close();
    house = undefined;
  });

  const begin = async (plan: Partial<Plan>) => {
    house = await openTestHouse({
      plans: [planOf(plan)],
      repositories: [{ name: 'repo', place, access: null }],
    });
    const service = await house.service({ keeper: true, jobs: JOBS_WITHOUT_MILVUS });
    await house.worker({ jobs: JOBS_WITHOUT_MILVUS });
    return async (kind: RunKind) => (await service.runs({ kind, limit: 1_000, offset: 0 })).runs;
  };
  const proved = (level: number) =>
    until(
      () => repository.list(),
      (all) => all.filter(({ proofs }) => proofs.some((one) => one.level === level)).length >= COUNT,
    );

  it('are all checked in turn, each by a run of its own', async () => {
    const runs = await begin({ check: EACH_SECOND, checkRuns: 3 });
    const after = await proved(3);
    expect(after.find(({ plan }) => plan === 'another')?.proofs).toEqual([]);
    const checks = await runs('verify');
    expect(new Set(checks.map(({ request }) => request['backup']))).toEqual(new Set(taken.map(({ id }) => id)));
    for (const run of checks) expect(run).toMatchObject({ plan: 'films', trigger: 'schedule', request: { level: 3 } });
  });

  it('are tried by a restore in turn where that is asked for, the newest each time', async () => {
    const runs = await begin({ drill: EACH_SECOND, drillRuns: 2, drillTarget: 'spare' });
    await proved(4);
    const drills = await runs('drill');
    expect(new Set(drills.map(({ request }) => request['target']))).toEqual(new Set(['spare']));
    expect(drills.map(({ request }) => request['backup'])).toContain(taken.at(-1)?.id);
  });

  it('are not tried but for the newest where nothing else is asked for', async () => {
    const runs = await begin({ drill: EACH_SECOND });
    const drills = await until(
      () => runs('drill'),
      (all) => all.filter(({ state }) => state === 'succeeded').length >= 3,
    );
    expect(new Set(drills.map(({ request }) => request['backup']))).toEqual(new Set([taken.at(-1)?.id]));
  });
});
