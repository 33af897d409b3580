import type { House } from './house.ts';
import { publicRequest } from '../requests.ts';
import { runIdOf, type DueRun, type Schedule } from './schedules.ts';
import { SCHEDULED, startRun } from './start.ts';

/**
 * Starts the runs of a slot. Where an equal run still goes on, the one of this slot is recorded as skipped: two equal
 * runs at once help nobody. May be repeated.
 */
export async function takeSlot(house: House, schedule: Schedule, slot: number): Promise<string> {
  // A run that is alone in its slot has this id, so that its slot is known to be taken before anything is read.
  if ((await house.catalog.runs.find(runIdOf(schedule, slot))) !== null) return 'taken before';
  const due = await schedule.due(house, slot);
  if (due.runs === null) {
    house.logger.warn({ schedule: schedule.id }, `Nothing to do: ${due.reason}`);
    return due.reason;
  }
  const states: string[] = [];
  // The one without a name of its own last: its id says that the slot was taken.
  for (const run of [...due.runs].sort((a, b) => Number(a.of === undefined) - Number(b.of === undefined))) {
    states.push(await takeRun(house, schedule, run, runIdOf(schedule, slot, run.of)));
  }
  return states.join('; ') || 'nothing has its turn';
}

async function takeRun(house: House, { plan }: Schedule, due: DueRun, runId: string): Promise<string> {
  if ((await house.catalog.runs.find(runId)) !== null) return 'taken before';
  const started = await startRun(house, due.kind, due.payload, { trigger: SCHEDULED, plan, runId });
  if ('run' in started) return `started ${started.run}`;
  const reason = `run ${started.underWay} still goes on`;
  await house.catalog.runs.create({
    id: runId,
    kind: due.kind,
    plan,
    trigger: SCHEDULED,
    request: publicRequest(due.payload),
    queuedAt: house.clock.now(),
  });
  await house.catalog.runs.end(runId, { state: 'skipped', result: { reason, underWay: started.underWay } });
  house.logger.warn({ run: runId }, `Skipped: ${reason}`);
  return reason;
}
