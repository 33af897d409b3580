import type { House } from './house.ts';
import { publicRequest } from '../requests.ts';
import { runIdOf, type Schedule } from './schedules.ts';
import { SCHEDULED, startRun } from './start.ts';

/**
 * Starts the run of a slot. Where the run before it still goes on, the slot is recorded as skipped: two equal runs at
 * once help nobody. May be repeated.
 */
export async function takeSlot(house: House, schedule: Schedule, slot: number): Promise<string> {
  const runId = runIdOf(schedule, slot);
  if ((await house.catalog.runs.find(runId)) !== null) return 'taken before';
  const due = await schedule.due(house);
  if (due.kind === null) {
    house.logger.warn({ schedule: schedule.id }, `Nothing to do: ${due.reason}`);
    return due.reason;
  }
  const started = await startRun(house, due.kind, due.payload, { trigger: SCHEDULED, plan: schedule.plan, runId });
  if ('run' in started) return `started ${started.run}`;
  const reason = `run ${started.underWay} still goes on`;
  await house.catalog.runs.create({
    id: runId,
    kind: due.kind,
    plan: schedule.plan,
    trigger: SCHEDULED,
    request: publicRequest(due.payload),
    queuedAt: house.clock.now(),
  });
  await house.catalog.runs.end(runId, { state: 'skipped', result: { reason, underWay: started.underWay } });
  house.logger.warn({ run: runId }, `Skipped: ${reason}`);
  return reason;
}
