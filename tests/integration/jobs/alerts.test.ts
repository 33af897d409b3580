import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { QueueService } from '@milvault/jobs';
import { secret, type Channel } from '@milvault/shared';
import { httpSink } from '../../support/http-sink.ts';
import { asPayload, type ProbePayload } from '../../support/jobs/probe-job.ts';
import { planOf } from '../../support/jobs/plan.ts';
import { openTestHouse, until, type TestHouse } from '../../support/jobs/redis-house.ts';
import { smtpSink } from '../../support/smtp-sink.ts';

const patience = (): AbortSignal => AbortSignal.timeout(90_000);
const ON_PLAN = { trigger: 'schedule', plan: 'nightly' };
const fatal = { 0: { times: 99, code: 'REPO_FULL' } } as const;

describe('telling people', () => {
  let house: TestHouse;
  let slack: Awaited<ReturnType<typeof httpSink>>;
  let mail: Awaited<ReturnType<typeof smtpSink>>;
  let mailIsDown: boolean;

  beforeEach(async () => {
    slack = await httpSink((response) => response.end('ok'));
    mailIsDown = false;
    mail = await smtpSink({}, (socket) => {
      if (mailIsDown) socket.destroy();
      return mailIsDown;
    });
    const channels: Channel[] = [
      {
        kind: 'email',
        name: 'mail',
        from: 'milvault@example.org',
        to: ['ops@example.org'],
        host: '127.0.0.1',
        port: mail.port,
        secure: false,
        user: null,
        password: null,
      },
      { kind: 'slack', name: 'chat', webhook: secret(`http://127.0.0.1:${String(slack.port)}/services/T/B/x`) },
    ];
    house = await openTestHouse({ channels, plans: [planOf({ name: 'nightly', enabled: false })] });
  });
  afterEach(async () => {
    await house.close();
    await slack.close();
    await mail.close();
  });

  const probe = (extra: Partial<ProbePayload>): ProbePayload => ({
    folder: path.join(house.folder, 'effects'),
    parts: 1,
    partMs: 1,
    ...extra,
  });
  const runOf = async (service: QueueService, payload: ProbePayload) => {
    const { id } = await service.start('backup', asPayload(payload), ON_PLAN);
    return service.wait(id, patience());
  };
  const aboutBackup = (text: string): boolean => text.includes('the backup of plan nightly failed');
  const told = (): string[] => slack.posts.map(({ body }) => (JSON.parse(body) as { text: string }).text);
  /** Until the regular look has come again, so long from now. */
  const looked = (service: QueueService, ms: number) => {
    const from = Date.now();
    return until(
      async () => (await service.catalog.facts.get<{ at: number }>('schedules'))?.at ?? 0,
      (at) => at > from + ms,
    );
  };
  const posts = (count: number) =>
    until(
      async () => told(),
      (all) => all.length >= count,
    );

  it('tells a failed run once by each channel although three processes listen, and its recovery once', async () => {
    await house.worker();
    const services = await Promise.all([1, 2, 3].map(() => house.service({ keeper: true })));
    const [service] = services as [QueueService, ...QueueService[]];
    const ofPlan = (): string[] => told().filter((text) => text.includes('backup of plan nightly'));
    const mailed = () => mail.mails.filter(({ text }) => text.includes('backup of plan nightly'));
    const both = (count: number) =>
      until(
        async () => [ofPlan().length, mailed().length],
        (seen) => seen.every((one) => one >= count),
      );
    expect((await runOf(service, probe({ failing: fatal }))).state).toBe('failed');
    await both(1);
    const incident = 'plan-failing/nightly/backup';
    await until(
      () => service.openIncidents(),
      (open) => open.some((one) => one.incident === incident && one.told === 1),
    );

    const good = await runOf(service, probe({ folder: path.join(house.folder, 'good') }));
    expect(good.state).toBe('succeeded');
    await both(2);
    await until(
      () => service.openIncidents(),
      (open) => open.every((one) => one.incident !== incident),
    );
    // Two more looks of everybody, so that a second telling would have come.
    await looked(service, 700);
    const [failed = '', recovered = '', ...more] = ofPlan();
    expect(more).toEqual([]);
    expect(failed).toContain('Milvus backup alert');
    expect(failed).toContain('failed');
    expect(failed).toContain('REPO_FULL');
    expect(recovered).toContain('recovered');
    expect(mailed()).toHaveLength(2);
  });

  it('tells by Slack at once while the mail server is down, and by mail when it is back', async () => {
    mailIsDown = true;
    // The worker first: a look that finds none is told, too.
    await house.worker();
    const service = await house.service({ keeper: true });
    await runOf(service, probe({ failing: fatal }));
    await until(
      async () => told(),
      (all) => all.some(aboutBackup),
    );
    expect(mail.mails).toEqual([]);
    await until(
      () => service.queueCounts(),
      (all) => all.some(({ queue, counts }) => queue === 'alerts' && (counts['delayed'] ?? 0) >= 1),
    );
    mailIsDown = false;
    await until(
      async () => mail.mails.filter(({ text }) => aboutBackup(text)),
      (all) => all.length >= 1,
    );
    await looked(service, 700);
    expect(mail.mails.filter(({ text }) => aboutBackup(text))).toHaveLength(1);
    expect(told().filter(aboutBackup)).toHaveLength(1);
  });

  it('finds a failure that nobody listened to, and tells it once', async () => {
    const service = await house.service();
    const worker = await house.worker();
    // As if the stream of events had been cut before anybody read it: the listeners believe that they are past it.
    for (const queue of ['runs', 'checks', 'cleanup', 'ticks']) {
      await service.catalog.facts.set(`failures/${queue}`, '9999999999999-0');
    }
    await worker.close();
    const later = await house.worker();
    await runOf(service, probe({ failing: fatal }));
    await until(
      async () => told(),
      (all) => all.some(aboutBackup),
    );
    await later.close();
    const again = await house.service({ keeper: true });
    await looked(again, 700);
    expect(told().filter(aboutBackup)).toHaveLength(1);
  });

  it('tells silence although no worker lives, and that it is over', async () => {
    const service = await house.service({ keeper: true });
    await posts(1);
    expect(told()[0]).toContain('no worker takes jobs');
    await house.worker();
    await posts(2);
    expect(told()[1]).toContain('recovered');
    await until(
      () => service.openIncidents(),
      (open) => open.length === 0,
    );
  });

  it('tells nothing of a cancelled run', async () => {
    await house.worker();
    const service = await house.service({ keeper: true });
    const { id } = await service.start('backup', asPayload(probe({ partMs: 60_000 })), ON_PLAN);
    await until(
      () => service.run(id),
      ({ state }) => state === 'running',
    );
    await service.cancel(id);
    expect((await service.wait(id, patience())).state).toBe('cancelled');
    await looked(service, 700);
    expect(told().filter(aboutBackup)).toEqual([]);
    expect((await service.openIncidents()).filter(({ incident }) => incident.startsWith('plan-failing/'))).toEqual([]);
  });

  it('ends a run whose job somebody removed from the queue, and tells it', async () => {
    const service = await house.service({ keeper: true });
    const { id } = await service.start('backup', asPayload(probe({})), ON_PLAN);
    await service.queues.find(({ name }) => name === 'runs')!.remove(id);
    expect(await service.wait(id, patience())).toMatchObject({ state: 'failed' });
    const seen = await until(
      async () => told(),
      (all) => all.some((text) => text.includes('backup of plan nightly')),
    );
    expect(seen.join()).toContain('its job vanished');
  });
});
