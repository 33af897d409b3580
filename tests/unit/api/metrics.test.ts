import { expect, test } from 'vitest';
import type { CatalogEvent } from '@milvault/catalog';
import { fail, type Clock } from '@milvault/shared';
import { createMetrics } from '../../../apps/api/src/metrics/metrics.ts';
import type { ApiParts } from '../../../apps/api/src/parts.ts';
import { backup, bench, config, LOCAL, run, withApp } from './parts.ts';

const NOW = 1_795_400_000_000;
const clock: Clock = { now: () => NOW, monotonic: () => 0, sleep: () => Promise.resolve() };

const repository: ApiParts['repository'] = () => Promise.reject(fail('REPO_NOT_A_REPOSITORY'));

async function scrape(parts: ApiParts): Promise<Map<string, number>> {
  const { text } = await createMetrics(parts, AbortSignal.abort()).scrape();
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => [
      line.slice(0, line.lastIndexOf(' ')),
      Number(line.slice(line.lastIndexOf(' ') + 1).replace('+Inf', 'Infinity')),
    ]),
  );
}

test('the age of the newest good backup is told for each plan, and is infinite where there is none', async () => {
  const backups = [
    backup({ id: 'a', committedAt: NOW - 7_200_000 }),
    backup({ id: 'b', committedAt: NOW - 60_000, proofs: [{ level: 2, result: 'damaged', at: NOW }] }),
    backup({ id: 'c', committedAt: NOW - 30_000, plan: 'other' }),
  ];
  const found = await scrape(bench({ clock, repository }, backups).parts);
  expect(found.get('milvault_plan_last_good_backup_age_seconds{plan="daily"}')).toBe(7200);
  expect(found.get('milvault_plan_max_age_seconds{plan="daily"}')).toBeGreaterThan(0);
  expect(found.get('milvault_backups{repository="main",type="full"}')).toBe(3);
  expect(found.get('milvault_backup_rows{repository="main",type="full"}')).toBe(30);
  expect(found.get('milvault_backup_bytes{repository="main",type="full"}')).toBe(3000);
  const none = await scrape(bench({ clock, repository }, []).parts);
  expect(none.get('milvault_plan_last_good_backup_age_seconds{plan="daily"}')).toBe(Infinity);
});

test('what cannot be read has no value, and the rest is there', async () => {
  let up = true;
  const { parts } = bench({
    repository,
    workers: () => (up ? Promise.resolve([{ name: 'host:1', queues: [] }]) : Promise.reject(fail('REDIS_UNREACHABLE'))),
  });
  const metrics = createMetrics(parts, AbortSignal.abort());
  expect((await metrics.scrape()).text).toContain('milvault_workers 1');
  up = false;
  const { text } = await metrics.scrape();
  expect(text).toContain('milvault_scrape_ok{subject="queues"} 0');
  expect(text).toContain('milvault_scrape_ok{subject="backups"} 1');
  expect(text).toContain('milvault_repository_up{repository="main"} 0');
  expect(text).not.toMatch(/^milvault_workers 1$/m);
});

test('the duration of each run that ends is counted by its kind and state', async () => {
  const event = (state: string): CatalogEvent => ({
    id: '1-0',
    type: 'run.changed',
    data: { run: 'run-1', kind: 'drill', state },
  });
  async function* follow(): AsyncGenerator<CatalogEvent> {
    yield* [event('running'), event('failed')];
  }
  const once: Clock = { ...clock, sleep: () => new Promise(() => undefined) };
  const { parts } = bench({ repository, follow, clock: once });
  const ended = run({ kind: 'drill', state: 'failed', startedAt: 1_000, endedAt: 4_000 });
  const service = { ...parts.service, run: () => Promise.resolve(ended) };
  const metrics = createMetrics({ ...parts, service }, new AbortController().signal);
  await expect
    .poll(async () => (await metrics.scrape()).text)
    .toContain('milvault_run_duration_seconds_count{kind="drill",state="failed"} 1');
  expect((await metrics.scrape()).text).toContain('milvault_run_duration_seconds_sum{kind="drill",state="failed"} 3');
});

test('are served as Prometheus text', async () => {
  await withApp(bench({ repository, config: config() }).parts, async (app) => {
    const answer = await app.inject({ url: '/metrics', headers: LOCAL });
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    expect(answer.body).toMatch(/^# HELP milvault_workers /m);
  });
});
