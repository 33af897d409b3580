import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLocalService, type Service } from '@milvault/jobs';
import { parseConfig, type Progress } from '@milvault/shared';
import { temporaryFolder } from '../../support/folder.ts';
import { asPayload, effectsOf, PROBES, type ProbePayload } from '../../support/jobs/probe-job.ts';

const BY_HAND = { trigger: 'cli', plan: null };
const patience = (): AbortSignal => AbortSignal.timeout(10_000);

async function stage(
  maxRunHours = 24,
): Promise<{ service: Service; probe: (extra?: Partial<ProbePayload>) => ProbePayload }> {
  const folder = await temporaryFolder();
  const service = createLocalService(
    { ...parseConfig('{}', { env: {} }), maxRunHours },
    { jobs: PROBES, tuning: { backoffMs: 2 } },
  );
  onTestFinished(() => service.close());
  const probe = (extra: Partial<ProbePayload> = {}): ProbePayload => ({
    folder: path.join(folder, 'effects'),
    parts: 6,
    partMs: 2,
    ...extra,
  });
  return { service, probe };
}

describe('a run in this process', () => {
  it('ends well, tells how far it is, and keeps its log', async () => {
    const { service, probe } = await stage();
    const { id } = await service.start('backup', asPayload(probe()), BY_HAND);
    const seen: Progress[] = [];
    const run = await service.wait(id, patience(), (progress) => seen.push(progress));
    expect(run).toMatchObject({ state: 'succeeded', result: { rows: 60 }, progress: { rows: 60, partsDone: 6 } });
    expect(seen.map(({ phase }) => phase)).toEqual(expect.arrayContaining(['plan', 'parts', 'finish', 'commit']));
    const rows = seen.map((progress) => progress.rows);
    expect(rows).toEqual([...rows].sort((a, b) => a - b));
    expect((await service.logs(id)).join('\n')).toContain('planning');
    expect((await service.runs({ kind: 'backup', limit: 5, offset: 0 })).total).toBe(1);
  });

  it('is stopped when it takes longer than it may, and has failed', async () => {
    const { service, probe } = await stage(50 / 3_600_000);
    const payload = probe({ partMs: 60_000 });
    const { id } = await service.start('backup', asPayload(payload), BY_HAND);
    const run = await service.wait(id, patience());
    expect(run).toMatchObject({ state: 'failed', error: { code: 'RUN_TIMED_OUT' } });
    expect(await effectsOf(payload.folder)).toMatchObject({ files: [], commits: 0, abandons: 1 });
  });

  it('tries flaky steps again and counts rows once', async () => {
    const { service, probe } = await stage();
    const flaky = { times: 2, code: 'SOURCE_UNREACHABLE' } as const;
    const payload = probe({ failFinish: flaky, failing: { 1: flaky } });
    const { id } = await service.start('backup', asPayload(payload), BY_HAND);
    expect(await service.wait(id, patience())).toMatchObject({ state: 'succeeded', progress: { rows: 60 } });
    expect((await effectsOf(payload.folder)).commits).toBe(1);
  });

  it('says at once that nothing can be planned', async () => {
    const { service, probe } = await stage();
    const payload = probe({ failPlan: { times: 1, code: 'SOURCE_UNREACHABLE' } });
    const { id } = await service.start('backup', asPayload(payload), BY_HAND);
    expect(await service.wait(id, patience())).toMatchObject({
      state: 'failed',
      error: { code: 'SOURCE_UNREACHABLE' },
    });
    expect((await effectsOf(payload.folder)).log).toEqual(['plan', 'abandon']);
  });

  it('starts from a new plan when the source changed', async () => {
    const { service, probe } = await stage();
    const payload = probe({ failing: { 1: { times: 1, code: 'COLLECTION_CHANGED' } } });
    const { id } = await service.start('backup', asPayload(payload), BY_HAND);
    expect(await service.wait(id, patience())).toMatchObject({
      state: 'succeeded',
      attempts: 2,
      progress: { rows: 60 },
    });
    const { log, abandons } = await effectsOf(payload.folder);
    expect(log.filter((line) => line === 'plan')).toHaveLength(2);
    expect(abandons).toBe(1);
  });

  it('fails with the error of its first lost part, stops the others, and leaves nothing behind', async () => {
    const { service, probe } = await stage();
    const payload = probe({ parts: 50, partMs: 5, failing: { 0: { times: 99, code: 'REPO_FULL' } } });
    const { id } = await service.start('backup', asPayload(payload), BY_HAND);
    const run = await service.wait(id, patience());
    expect(run).toMatchObject({ state: 'failed', error: { code: 'REPO_FULL', details: { parts: [0] } } });
    const { files, log, commits } = await effectsOf(payload.folder);
    expect({ files, commits }).toEqual({ files: [], commits: 0 });
    expect(log.length).toBeLessThan(10);
  });

  it.each([
    ['its plan', { planMs: 60_000 }],
    ['its parts', { partMs: 60_000 }],
    ['its end', { finishMs: 60_000 }],
  ])('cancelled in %s leaves nothing behind', async (_phase, extra) => {
    const { service, probe } = await stage();
    const payload = probe(extra);
    const { id } = await service.start('backup', asPayload(payload), BY_HAND);
    for (;;) {
      const { log } = await effectsOf(payload.folder);
      if (log.includes('finish') || (log.length > 0 && !('finishMs' in extra))) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await service.cancel(id);
    expect(await service.wait(id, patience())).toMatchObject({ state: 'cancelled', error: { code: 'RUN_CANCELLED' } });
    expect((await effectsOf(payload.folder)).files).toEqual([]);
    await expect(service.cancel(id)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('is stopped when the service closes', async () => {
    const { service, probe } = await stage();
    const payload = probe({ partMs: 60_000 });
    const { id } = await service.start('backup', asPayload(payload), BY_HAND);
    await expect(service.start('backup', asPayload(payload), BY_HAND)).rejects.toMatchObject({ code: 'CONFLICT' });
    await service.close();
    expect((await service.run(id)).state).toBe('cancelled');
    expect((await effectsOf(payload.folder)).files).toEqual([]);
    await expect(service.run('nothing')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  });
});
