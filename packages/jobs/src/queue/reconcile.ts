import { createHash } from 'node:crypto';
import type { Config } from '@milvault/shared';
import type { House } from './house.ts';
import { schedulesOf, tickData, type Schedule, type TickData } from './schedules.ts';
import { takeSlot } from './slots.ts';

/** What was changed, for the log and for tests. */
export interface Reconciled {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** True where a process with a newer configuration keeps the schedules. */
  readonly deferred: boolean;
}

const NOTHING: Reconciled = { added: [], changed: [], removed: [], deferred: false };

/**
 * Makes the Job Schedulers what the configuration wants, touching only what differs: an upsert of an unchanged one would
 * throw away a run that was missed and is still due. A missed run of one that did change is started first.
 */
export async function reconcile(house: House): Promise<Reconciled> {
  if (!(await rules(house))) return { ...NOTHING, deferred: true };
  const wanted = schedulesOf(house.config);
  const known = new Map((await house.queues.ticks.getJobSchedulers(0, -1, true)).map((one) => [one.key, one]));
  const added: string[] = [];
  const changed: string[] = [];
  for (const schedule of wanted) {
    const there = known.get(schedule.id);
    const template: TickData | undefined = there?.template?.data;
    if (template?.specHash === tickData(schedule).specHash) continue;
    if (there?.next !== undefined && there.next <= house.clock.now()) await takeSlot(house, schedule, there.next);
    await upsert(house, schedule);
    (there === undefined ? added : changed).push(schedule.id);
  }
  const removed = [...known.keys()].filter((id) => !wanted.some((schedule) => schedule.id === id));
  for (const id of removed) await house.queues.ticks.removeJobScheduler(id);
  const done = { added, changed, removed, deferred: false };
  if (added.length + changed.length + removed.length > 0) house.logger.info(done, 'Schedules follow the configuration');
  return done;
}

async function upsert(house: House, schedule: Schedule): Promise<void> {
  const when = { pattern: schedule.cron, tz: schedule.timeZone };
  await house.queues.ticks.upsertJobScheduler(schedule.id, when, { name: 'tick', data: tickData(schedule) });
}

interface Rule {
  readonly hash: string;
  /** Start of the process that set it: of two configurations the younger process's holds. */
  readonly startedAt: number;
  readonly at: number;
}

/** A rule that nobody renewed for so many looks is void: the process that set it is gone. */
const VOID_AFTER = 5;

/** During a rolling deploy processes with the old configuration still live: they must not undo the new one. */
async function rules(house: House): Promise<boolean> {
  const { catalog, clock, startedAt, tuning } = house;
  const hash = hashOf(house.config);
  const rule = await catalog.facts.get<Rule>('schedules');
  const now = clock.now();
  const holds = rule !== null && now - rule.at < VOID_AFTER * tuning.keeperMs;
  if (holds && rule.hash !== hash && rule.startedAt > startedAt) return false;
  const since = holds && rule.hash === hash ? Math.max(rule.startedAt, startedAt) : startedAt;
  await catalog.facts.set('schedules', { hash, startedAt: since, at: now } satisfies Rule);
  return true;
}

const hashOf = (config: Config): string =>
  createHash('sha256')
    .update(JSON.stringify(schedulesOf(config).map(({ id, cron, timeZone }) => [id, cron, timeZone])))
    .digest('hex');
