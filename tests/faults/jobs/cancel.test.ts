import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { QueueService } from '@milvault/jobs';
import { asPayload, effectsOf, type Effects, type ProbePayload } from '../../support/jobs/probe-job.ts';
import { openTestHouse, until, type TestHouse } from '../../support/jobs/redis-house.ts';

const BY_HAND = { trigger: 'api', plan: null };
const patience = (): AbortSignal => AbortSignal.timeout(90_000);
const unreachable = { times: 99, code: 'SOURCE_UNREACHABLE' } as const;

/** Each phase of a run, and how to see that it is in it. */
const PHASES: readonly {
  readonly phase: string;
  readonly probe: Partial<ProbePayload>;
  readonly reached: (effects: Effects) => boolean;
}[] = [
  { phase: 'its plan', probe: { planMs: 60_000 }, reached: ({ log }) => log.includes('plan') },
  {
    phase: 'its parts, most of them waiting',
    probe: { parts: 40, partMs: 60_000 },
    reached: ({ log }) => log.filter((line) => line.startsWith('part')).length === 2,
  },
  {
    phase: 'its last parts',
    probe: { parts: 2, partMs: 60_000 },
    reached: ({ log }) => log.filter((line) => line.startsWith('part')).length === 2,
  },
  { phase: 'its end', probe: { parts: 1, finishMs: 60_000 }, reached: ({ log }) => log.includes('finish') },
];

describe('cancelling a run', () => {
  let house: TestHouse;
  let service: QueueService;
  beforeEach(async () => {
    house = await openTestHouse();
    service = await house.service();
  });
  afterEach(() => house.close());

  const probe = (extra: Partial<ProbePayload> = {}): ProbePayload => ({
    folder: path.join(house.folder, 'effects'),
    parts: 4,
    partMs: 5,
    ...extra,
  });
  const effects = () => effectsOf(probe().folder);
  const nothingLeft = async (): Promise<void> => {
    expect(await effects()).toMatchObject({ files: [], commits: 0 });
    expect((await service.queueHealth()).waiting).toBe(0);
    expect(await service.openIncidents()).toEqual([]);
  };

  it.each(PHASES)('in $phase ends it as cancelled and leaves nothing', async ({ probe: extra, reached }) => {
    await house.worker();
    const { id } = await service.start('backup', asPayload(probe(extra)), BY_HAND);
    await until(effects, reached);
    await service.cancel(id);
    expect(await service.wait(id, patience())).toMatchObject({ state: 'cancelled', error: { code: 'RUN_CANCELLED' } });
    await nothingLeft();
  });

  it('before any worker took it ends it at once', async () => {
    const { id } = await service.start('backup', asPayload(probe()), BY_HAND);
    expect(await service.cancel(id)).toMatchObject({ state: 'cancelled' });
    await house.worker();
    await nothingLeft();
    // Nothing stands in the way of an equal one.
    const next = await service.start('backup', asPayload(probe()), BY_HAND);
    expect((await service.wait(next.id, patience())).state).toBe('succeeded');
  });

  it('while it waits for its next try ends it', async () => {
    await house.worker({ tuning: { ...house.options().tuning, backoffMs: 60_000 } });
    const slow = await house.service({ tuning: { ...house.options().tuning, backoffMs: 60_000 } });
    const { id } = await slow.start('backup', asPayload(probe({ failFinish: unreachable })), BY_HAND);
    await until(
      () => slow.queueCounts(),
      (all) => all.some(({ queue, counts }) => queue === 'runs' && counts['delayed'] === 1),
    );
    await slow.cancel(id);
    expect((await slow.wait(id, patience())).state).toBe('cancelled');
    await nothingLeft();
  });

  it('while it waits for another run ends it, and the other goes on', async () => {
    await house.worker();
    const lease = 'src/films';
    const long = probe({ folder: path.join(house.folder, 'long'), parts: 1, partMs: 1_500, lease });
    const first = await service.start('backup', asPayload(long), BY_HAND);
    await until(
      () => effectsOf(long.folder),
      ({ log }) => log.length > 1,
    );
    const second = await service.start('backup', asPayload(probe({ lease })), BY_HAND);
    await until(
      () => service.run(second.id),
      ({ progress }) => progress.phase.includes(first.id),
    );
    await service.cancel(second.id);
    expect((await service.wait(second.id, patience())).state).toBe('cancelled');
    expect((await service.wait(first.id, patience())).state).toBe('succeeded');
    expect((await effects()).log).toEqual([]);
  });

  it('reaches a worker that did not hear the call', async () => {
    await house.worker();
    const { id } = await service.start('backup', asPayload(probe({ partMs: 60_000 })), BY_HAND);
    await until(effects, ({ log }) => log.some((line) => line.startsWith('part')));
    // The wish alone, without the call: as when the worker was cut off in that moment.
    await service.catalog.work.requestCancel(id);
    expect((await service.wait(id, patience())).state).toBe('cancelled');
    await nothingLeft();
  });
});
