import type { Config, Plan } from '@milvault/shared';
import { createHash } from 'node:crypto';
import type { JobPayloads } from '../port.ts';
import { backupOf } from '../requests.ts';
import type { House } from './house.ts';
import { dueChecks, dueDrills } from './turns.ts';

/** A schedule as the configuration wants it. */
export interface Schedule {
  /** Id of the Job Scheduler. */
  readonly id: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly plan: string | null;
  /** Before the slot, in the ids of its runs. */
  readonly runPrefix: string;
  /** What is due at this slot. The same slot may be asked for again. */
  due(house: House, slot: number): Promise<Due>;
}

/** The runs of a slot. Where there is nothing to do them on, none, and why. */
export type Due = { readonly runs: readonly DueRun[] } | { readonly runs: null; readonly reason: string };

type Asked = { [K in keyof JobPayloads]: { readonly kind: K; readonly payload: JobPayloads[K] } }[keyof JobPayloads];

export type DueRun = Asked & {
  /** What tells the runs of one slot apart, in their ids. */
  readonly of?: string;
};

/** What lies in the template of a Job Scheduler. */
export interface TickData {
  readonly schedule: string;
  /** Of all that the schedule is: another one means that the configuration changed. */
  readonly specHash: string;
}

/** Every schedule that the configuration asks for. Plans that are not enabled have none. */
export function schedulesOf(config: Config): Schedule[] {
  return [
    ...config.plans.filter((plan) => plan.enabled).flatMap(schedulesOfPlan),
    house(config, 'cleanup', config.cleanup, { kind: 'cleanup', payload: { repository: null, dryRun: false } }),
    house(config, 'health', config.health, { kind: 'health', payload: {} }),
  ];
}

const always =
  (run: DueRun): Schedule['due'] =>
  async () => ({ runs: [run] });

const house = (config: Config, what: string, cron: string, run: DueRun): Schedule => ({
  id: `house_${what}`,
  cron,
  timeZone: config.timeZone,
  plan: null,
  runPrefix: `milvault_${what}`,
  due: always(run),
});

function schedulesOfPlan(plan: Plan): Schedule[] {
  const schedule = (what: string, cron: string | null, due: Schedule['due']): Schedule[] =>
    cron === null
      ? []
      : [
          {
            id: `plan_${plan.name}_${what}`,
            cron,
            timeZone: plan.timeZone,
            plan: plan.name,
            runPrefix: `${plan.name}_${what}`,
            due,
          },
        ];
  return [
    ...schedule('full', plan.full, always({ kind: 'backup', payload: backupOf(plan, 'full') })),
    ...schedule('incremental', plan.incremental, always({ kind: 'backup', payload: backupOf(plan, 'incremental') })),
    ...schedule('check', plan.check, ({ adapters }, slot) => dueChecks(plan, slot, adapters)),
    ...schedule('drill', plan.drill, ({ adapters }, slot) => dueDrills(plan, slot, adapters)),
  ];
}

export const tickData = (schedule: Schedule): TickData => ({ schedule: schedule.id, specHash: specHash(schedule) });

/** Only what decides when a schedule fires: what it starts is read from the configuration then. */
const specHash = ({ id, cron, timeZone }: Schedule): string =>
  createHash('sha256')
    .update(JSON.stringify([id, cron, timeZone]))
    .digest('hex')
    .slice(0, 16);

/** The id of a scheduled run says its slot: the same slot is the same run, whoever starts it and how often. */
export const runIdOf = ({ runPrefix }: Schedule, slot: number, of?: string): string =>
  `${runPrefix}_${String(slot)}${of === undefined ? '' : `_${of}`}`;

/** Job ids of BullMQ's schedulers are `repeat:<schedule>:<slot>`: the only place where the slot is reliable. */
export function slotOf(jobId: string): number {
  const slot = Number(jobId.slice(jobId.lastIndexOf(':') + 1));
  if (!Number.isSafeInteger(slot)) throw new TypeError(`no slot in the job id ${jobId}`);
  return slot;
}
