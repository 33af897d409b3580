import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Run } from '@milvault/shared';
import { asPayload, effectsOf, type ProbePayload } from '../../support/jobs/probe-job.ts';
import { openTestHouse, until, type TestHouse } from '../../support/jobs/redis-house.ts';

const BY_HAND = { trigger: 'api', plan: null };
const patience = (): AbortSignal => AbortSignal.timeout(90_000);

describe('a run over Redis', () => {
  let house: TestHouse;
  beforeEach(async () => {
    house = await openTestHouse();
  });
  afterEach(() => house.close());

  const probe = (extra: Partial<ProbePayload> = {}): ProbePayload => ({
    folder: path.join(house.folder, 'effects'),
    parts: 6,
    partMs: 10,
    ...extra,
  });
  const run = async (payload: ProbePayload): Promise<Run> => {
    const service = await house.service();
    await house.worker();
    const { id } = await service.start('backup', asPayload(payload), BY_HAND);
    return service.wait(id, patience());
  };

  it('does every part once, commits once and records what it did', async () => {
    const ended = await run(probe());
    expect(ended).toMatchObject({
      state: 'succeeded',
      attempts: 1,
      result: { rows: 60, commits: 1 },
      error: null,
      progress: { partsDone: 6, partsTotal: 6, rows: 60, rowsTotal: 60, bytes: 600 },
    });
    const { log, commits } = await effectsOf(probe().folder);
    expect(commits).toBe(1);
    expect(log.filter((line) => line.includes('first'))).toHaveLength(6);
    expect(log.filter((line) => line.includes('again'))).toEqual([]);
  });

  it('ends well without parts', async () => {
    expect(await run(probe({ parts: 0 }))).toMatchObject({ state: 'succeeded', result: { rows: 0 } });
  });

  it('tries a flaky part again and counts its rows once', async () => {
    const ended = await run(probe({ failing: { 2: { times: 1, code: 'SOURCE_UNREACHABLE' } } }));
    expect(ended).toMatchObject({ state: 'succeeded', progress: { rows: 60, partsDone: 6 } });
    const { log } = await effectsOf(probe().folder);
    expect(log.filter((line) => line.startsWith('part 2'))).toMatchObject([
      expect.stringContaining('first'),
      expect.stringContaining('again'),
    ]);
  });

  it.each([
    ['its parts', { partMs: 60_000 }],
    ['its plan', { planMs: 60_000 }],
    ['its end', { finishMs: 60_000 }],
  ])('that takes longer than it may in %s is stopped, has failed, and leaves nothing behind', async (_where, slow) => {
    const short = await openTestHouse({ maxRunHours: 700 / 3_600_000 });
    onTestFinished(() => short.close());
    const payload = probe(slow);
    const service = await short.service();
    await short.worker();
    const { id } = await service.start('backup', asPayload(payload), BY_HAND);
    const ended = await service.wait(id, patience());
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'RUN_TIMED_OUT', retryable: false } });
    expect(ended.error?.next).toContain('maxRunHours');
    const left = await until(
      () => effectsOf(payload.folder),
      ({ abandons }) => abandons > 0,
    );
    expect(left).toMatchObject({ files: [], commits: 0 });
  });

  it('gives parts that used up their tries one more round', async () => {
    const ended = await run(probe({ failing: { 1: { times: 4, code: 'SOURCE_UNREACHABLE' } } }));
    expect(ended.state).toBe('succeeded');
  });

  it('fails when a part fails for good, names it, and leaves nothing behind', async () => {
    const ended = await run(probe({ failing: { 3: { times: 99, code: 'REPO_FULL' } } }));
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'REPO_FULL', details: { parts: [3] } } });
    expect(ended.error?.message).toContain('Part 3');
    const { files, commits, abandons } = await effectsOf(probe().folder);
    expect({ files, commits, abandons }).toEqual({ files: [], commits: 0, abandons: 1 });
  });

  it('fails when a part fails at every try of both rounds', async () => {
    const ended = await run(probe({ failing: { 0: { times: 99, code: 'SOURCE_UNREACHABLE' } } }));
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'SOURCE_UNREACHABLE' } });
    expect((await effectsOf(probe().folder)).files).toEqual([]);
  });

  it('tries a plan and an end again that failed for a while', async () => {
    const flaky = { times: 1, code: 'SOURCE_UNREACHABLE' } as const;
    const ended = await run(probe({ failPlan: flaky, failFinish: flaky }));
    expect(ended).toMatchObject({ state: 'succeeded', attempts: 3 });
    expect((await effectsOf(probe().folder)).commits).toBe(1);
  });

  it('starts from a new plan when the source changed under the old one', async () => {
    const ended = await run(probe({ failFinish: { times: 1, code: 'COLLECTION_CHANGED' } }));
    expect(ended).toMatchObject({ state: 'succeeded', result: { rows: 60 }, progress: { rows: 60, partsDone: 6 } });
    const { log, abandons, files } = await effectsOf(probe().folder);
    expect(log.filter((line) => line === 'plan')).toHaveLength(2);
    expect(abandons).toBe(1);
    expect(files.filter((file) => file.startsWith('part-'))).toHaveLength(6);
  });

  it('refuses an equal run while one goes on, and takes it afterwards', async () => {
    const service = await house.service();
    await house.worker();
    const slow = probe({ partMs: 200 });
    const first = await service.start('backup', asPayload(slow), BY_HAND);
    await expect(service.start('backup', asPayload(slow), BY_HAND)).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { run: first.id },
    });
    expect((await service.wait(first.id, patience())).state).toBe('succeeded');
    await until(
      () =>
        service.start('backup', asPayload(slow), BY_HAND).then(
          () => true,
          () => false,
        ),
      (started) => started,
    );
  });

  it('lets runs on one collection follow each other, and others run beside them', async () => {
    const service = await house.service();
    await house.worker();
    const at = (name: string, lease: string): ProbePayload =>
      probe({ folder: path.join(house.folder, name), parts: 1, partMs: 150, lease });
    const all = await Promise.all(
      [at('a', 'src/films'), at('b', 'src/films'), at('c', 'src/*'), at('d', 'other/films')].map((payload) =>
        service.start('backup', asPayload(payload), BY_HAND),
      ),
    );
    const ended = await Promise.all(all.map(({ id }) => service.wait(id, patience())));
    expect(ended.map(({ state }) => state)).toEqual(Array(4).fill('succeeded'));
    const spans = ended.slice(0, 3).map(({ startedAt, endedAt }) => [startedAt ?? 0, endedAt ?? 0] as const);
    spans.sort(([a], [b]) => a - b);
    for (let i = 1; i < spans.length; i++) expect(spans[i]![0]).toBeGreaterThanOrEqual(spans[i - 1]![1]);
  });

  it('starts what follows a good end, once', async () => {
    const then = probe({ folder: path.join(house.folder, 'then'), parts: 1 });
    const first = await run(probe({ parts: 1, then }));
    const service = await house.service();
    const next = await service.wait(`${first.id}_next0`, patience());
    expect(next).toMatchObject({ kind: 'verify', state: 'succeeded', trigger: `run:${first.id}` });
    expect((await effectsOf(then.folder)).commits).toBe(1);
  });

  it('keeps the log of a run and lists runs by kind, state and plan', async () => {
    const service = await house.service();
    await house.worker();
    const start = (folder: string, plan: string | null) =>
      service.start('backup', asPayload(probe({ folder: path.join(house.folder, folder), parts: 1 })), {
        trigger: 'api',
        plan,
      });
    const [mine, other] = [await start('x', 'nightly'), await start('y', null)];
    await Promise.all([mine, other].map(({ id }) => service.wait(id, patience())));
    expect((await service.logs(mine.id)).join('\n')).toContain('planning');
    const page = { limit: 10, offset: 0 };
    expect((await service.runs({ plan: 'nightly', ...page })).runs.map(({ id }) => id)).toEqual([mine.id]);
    expect((await service.runs({ kind: 'backup', state: 'succeeded', ...page })).total).toBe(2);
    expect((await service.runs({ ...page, limit: 1 })).runs.map(({ id }) => id)).toEqual([other.id]);
    expect((await service.runs({ state: 'failed', ...page })).total).toBe(0);
    await expect(service.run('nothing')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    await expect(service.cancel(mine.id)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('never lets credentials into Redis', async () => {
    const service = await house.service();
    const payload = { ...probe(), source: 'http://root:Milvus@127.0.0.1:19530' };
    await expect(service.start('backup', asPayload(payload), BY_HAND)).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    });
  });
});
