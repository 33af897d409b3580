import type { Job, Processor } from 'bullmq';
import type { House } from './house.ts';
import { idOf } from './run-parts.ts';
import { schedulesOf, slotOf, type TickData } from './schedules.ts';
import { takeSlot } from './slots.ts';
import { reportFinding } from './telling.ts';
import { tickFinding } from '../findings.ts';

/** A tick only starts a run: BullMQ makes the next tick when this one is taken, so it must never take long. */
export function createTickProcessor(house: House): Processor<TickData> {
  return async function processTick(job: Job<TickData>): Promise<unknown> {
    const schedule = schedulesOf(house.config).find(({ id }) => id === job.data.schedule);
    // The configuration is read anew: what is gone or disabled does nothing.
    if (schedule === undefined) return { state: 'no longer configured' };
    const state = await takeSlot(house, schedule, slotOf(idOf(job)));
    await reportFinding(house, tickFinding(schedule.id, null));
    return { state };
  };
}
