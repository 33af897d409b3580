import { expect, test } from 'vitest';
import { healthEvent, runFailedEvent, runIncident, runRecoveredEvent, type HealthFinding } from '@milvault/alerts';
import { failedRun, goodRun } from './runs.ts';

test('the same failure is the same event, and another failure of that run is another', () => {
  expect(runFailedEvent(failedRun)).toEqual(runFailedEvent({ ...failedRun }));
  expect(runFailedEvent({ ...failedRun, endedAt: 1 }).key).not.toBe(runFailedEvent(failedRun).key);
});

test('a failure and the recovery after it belong to one incident', () => {
  expect(runRecoveredEvent(goodRun).incident).toBe(runFailedEvent(failedRun).incident);
  expect(runRecoveredEvent(goodRun)).toMatchObject({ kind: 'recovered', next: '' });
  expect(runFailedEvent(failedRun)).toMatchObject({ kind: 'opened', next: failedRun.error?.next });
});

test('plans, kinds of jobs and runs by hand are incidents apart', () => {
  const runs = [
    failedRun,
    { ...failedRun, plan: 'weekly' },
    { ...failedRun, kind: 'verify' as const },
    { ...failedRun, plan: null, trigger: 'schedule' },
    { ...failedRun, plan: null, trigger: 'api' },
    { ...failedRun, plan: null, trigger: 'api', id: 'other' },
  ];
  expect(new Set(runs.map(runIncident)).size).toBe(runs.length);
});

test('no event says of a run what is not so', () => {
  expect(() => runFailedEvent(goodRun)).toThrow(TypeError);
  expect(() => runRecoveredEvent(failedRun)).toThrow(TypeError);
  expect(() => runFailedEvent({ ...failedRun, state: 'cancelled' })).toThrow('is cancelled, not failed');
});

test('a failure without a recorded error is told all the same', () => {
  expect(runFailedEvent({ ...failedRun, error: null }).facts[0]).toEqual({ label: 'Error', value: 'not recorded' });
});

const finding: HealthFinding = {
  check: 'backup-age',
  subject: 'daily',
  ok: false,
  title: 'the newest good backup of plan daily is 31 h old',
  facts: [{ label: 'Allowed', value: '24 h' }],
  next: 'Look at the runs of the plan',
};

test('an hourly check that finds the same thing tells it once', () => {
  const first = healthEvent(finding, { since: 1_000, at: 1_000 });
  const second = healthEvent({ ...finding, title: 'now 32 h' }, { since: 1_000, at: 4_601_000 });
  expect(second.key).toBe(first.key);
});

test('the same thing at another time is told again, and so is its end', () => {
  const keys = [
    healthEvent(finding, { since: 1_000, at: 1_000 }),
    healthEvent(finding, { since: 9_000, at: 9_000 }),
    healthEvent({ ...finding, ok: true }, { since: 1_000, at: 5_000 }),
    healthEvent({ ...finding, subject: 'weekly' }, { since: 1_000, at: 1_000 }),
    healthEvent({ ...finding, check: 'free-space' }, { since: 1_000, at: 1_000 }),
  ].map((event) => event.key);
  expect(new Set(keys).size).toBe(keys.length);
});

test('the end of a finding says how long it lasted and asks for nothing', () => {
  const event = healthEvent(
    { ...finding, ok: true, title: 'plan daily has a good backup' },
    { since: 0, at: 7_200_000 },
  );
  expect(event).toMatchObject({ kind: 'recovered', next: '' });
  expect(event.facts.at(-1)).toEqual({ label: 'Lasted', value: '2 h 00 min' });
});
