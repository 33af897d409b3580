import { UnrecoverableError, WaitingError, type Job, type Processor } from 'bullmq';
import { asRedisFault, type StoredPlan } from '@milvault/catalog';
import { fail, isStopped, newId, Stopped, toErrorRecord, type Run } from '@milvault/shared';
import { mayRetry, needsNewPlan } from '../policy.ts';
import { limitMsOf, msLeft } from '../time-limit.ts';
import { contextOf, runLogger } from './context.ts';
import type { House } from './house.ts';
import type { PartData } from './names.ts';
import { createCounter } from './progress.ts';
import type { Place, Underway } from './underway.ts';

/** Plans whose parts this process does now: parsed once, not once for each part. */
const PLANS_KEPT = 4;

/** Three plain parameters: BullMQ gives the signal only to a processor that declares it. */
export function createPartProcessor(house: House, underway: Underway): Processor<PartData> {
  const planOf = createPlanMemo(house);
  return async function processPart(job: Job<PartData>, token?: string, signal?: AbortSignal): Promise<unknown> {
    const { run: id, number } = job.data;
    const place = underway.enter(id, signal);
    const logger = runLogger(house, id);
    try {
      const plan = await wanted(house, job.data, place, planOf);
      return await doPart(house, job, plan, place.signal);
    } catch (thrown) {
      const stop: unknown = place.signal.aborted ? place.signal.reason : thrown;
      if (isStopped(stop) && stop.reason === 'lease-lost') throw stop;
      if (isStopped(stop) && stop.reason === 'handover') {
        await job.moveToWait(token ?? '');
        throw new WaitingError();
      }
      if (isStopped(stop) || thrown instanceof UnrecoverableError) throw new UnrecoverableError(String(stop));
      const error = asRedisFault(house.config.redis, thrown);
      const again = mayRetry(error) && !needsNewPlan(error) && job.attemptsMade + 1 < (job.opts.attempts ?? 1);
      logger.warn({ err: error }, `Part ${String(number)} failed${again ? ' and is tried again' : ''}`);
      if (again) throw error;
      const record = toErrorRecord(error);
      await house.catalog.work.noteFailure(id, job.data.generation, number, record);
      throw new UnrecoverableError(record.message);
    } finally {
      place.leave();
    }
  };
}

async function doPart(house: House, job: Job<PartData>, plan: StoredPlan, signal: AbortSignal): Promise<unknown> {
  const { run: id, generation, number } = job.data;
  const part = await house.catalog.work.part(id, generation, number);
  const counter = createCounter(house, id, String(number));
  const context = contextOf(house, { id, signal }, counter.onProgress);
  const attempt = {
    // Counted by Redis at each start, so a start elsewhere has another number; the id guards against its loss.
    fence: `${String(job.attemptsStarted)}-${newId(house.clock)}`,
    first: job.attemptsStarted === 1,
  };
  const definition = house.jobs[await kindOf(house, id)];
  const result = await definition.part(plan.state, part, attempt, context);
  await counter.settle(true);
  return result;
}

const kindOf = async (house: House, id: string): Promise<Run['kind']> => (await house.catalog.runs.get(id)).kind;

type PlanOf = (id: string, generation: number) => Promise<StoredPlan | null>;

/** The plan of a part that is still wanted: its run goes on, and no other part was lost for good. */
async function wanted(house: House, data: PartData, place: Place, planOf: PlanOf): Promise<StoredPlan> {
  const { work, runs } = house.catalog;
  const run = await runs.find(data.run);
  if (run === null || run.endedAt !== null || (await work.cancelRequested(data.run))) throw new Stopped('cancelled');
  place.endAfter(msLeft(limitMsOf(house.config, run.plan), run, house.clock.now()));
  const plan = await planOf(data.run, data.generation);
  if (plan === null) throw new UnrecoverableError('the run has another plan by now');
  const [lost] = (await work.failures(data.run, data.generation)).filter(
    ({ number, error }) => number !== data.number && !error.retryable,
  );
  if (lost === undefined) return plan;
  throw fail('PART_FAILED', { what: `Not begun, because part ${String(lost.number)} failed: ${lost.error.message}` });
}

function createPlanMemo(house: House): PlanOf {
  const kept = new Map<string, StoredPlan>();
  return async (id, generation) => {
    const key = `${id}/${String(generation)}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const plan = await house.catalog.work.plan(id);
    if (plan === null || plan.generation !== generation) return null;
    kept.set(key, plan);
    for (const oldest of kept.keys()) if (kept.size > PLANS_KEPT) kept.delete(oldest);
    return plan;
  };
}
