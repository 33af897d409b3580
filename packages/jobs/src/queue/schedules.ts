import { isGood } from '@milvault/repository';
import type { Backup, Config, Plan } from '@milvault/shared';
import { createHash } from 'node:crypto';
import type { JobPayloads } from '../port.ts';
import { backupOf } from '../requests.ts';
import type { House } from './house.ts';

/** A schedule as the configuration wants it. */
export interface Schedule {
  /** Id of the Job Scheduler. */
  readonly id: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly plan: string | null;
  /** Before the slot, in the ids of its runs. */
  readonly runPrefix: string;
  /** What is due now; null where there is nothing to do it on, with the reason. */
  due(house: House): Promise<Due>;
}

export type Due =
  | { [K in keyof JobPayloads]: { readonly kind: K; readonly payload: JobPayloads[K] } }[keyof JobPayloads]
  | { readonly kind: null; readonly reason: string };

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
    house(config, 'cleanup', config.cleanup, async () => ({
      kind: 'cleanup',
      payload: { repository: null, dryRun: false },
    })),
    house(config, 'health', config.health, async () => ({ kind: 'health', payload: {} })),
  ];
}

const house = (config: Config, what: string, cron: string, due: Schedule['due']): Schedule => ({
  id: `house_${what}`,
  cron,
  timeZone: config.timeZone,
  plan: null,
  runPrefix: `milvault_${what}`,
  due,
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
    ...schedule('full', plan.full, async () => ({ kind: 'backup', payload: backupOf(plan, 'full') })),
    ...schedule('incremental', plan.incremental, async () => ({
      kind: 'backup',
      payload: backupOf(plan, 'incremental'),
    })),
    ...schedule('drill', plan.drill, ({ adapters }) => dueDrill(plan, adapters)),
  ];
}

/** A drill proves the newest backup that no check found damaged. */
async function dueDrill(plan: Plan, adapters: House['adapters']): Promise<Due> {
  const repository = await adapters.repository(plan.repository);
  const canDrill = ({ engine }: Backup) => adapters.engines.get(engine).abilities.lacks?.includes('drill') !== true;
  const [newest] = (await repository.list())
    .filter((backup) => backup.plan === plan.name && isGood(backup.proofs) && canDrill(backup))
    .sort((a, b) => b.committedAt - a.committedAt);
  if (newest === undefined) return { kind: null, reason: `plan ${plan.name} has no good backup to try` };
  return { kind: 'drill', payload: { repository: plan.repository, backup: newest.id, target: null } };
}

export const tickData = (schedule: Schedule): TickData => ({ schedule: schedule.id, specHash: specHash(schedule) });

/** Only what decides when a schedule fires: what it starts is read from the configuration then. */
const specHash = ({ id, cron, timeZone }: Schedule): string =>
  createHash('sha256')
    .update(JSON.stringify([id, cron, timeZone]))
    .digest('hex')
    .slice(0, 16);

/** The id of a scheduled run says its slot: the same slot is the same run, whoever starts it and how often. */
export const runIdOf = (schedule: Schedule, slot: number): string => `${schedule.runPrefix}_${String(slot)}`;

/** Job ids of BullMQ's schedulers are `repeat:<schedule>:<slot>`: the only place where the slot is reliable. */
export function slotOf(jobId: string): number {
  const slot = Number(jobId.slice(jobId.lastIndexOf(':') + 1));
  if (!Number.isSafeInteger(slot)) throw new TypeError(`no slot in the job id ${jobId}`);
  return slot;
}
