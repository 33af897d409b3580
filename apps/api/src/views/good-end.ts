import type { JobPayloads, Service, StartOptions } from '@milvault/jobs';
import { fail, fromErrorRecord, hasCode, type Run, type RunKind } from '@milvault/shared';

/** Starts a run, or joins the equal one that is under way, and gives it when it ended well; else its error. */
export async function goodEnd<K extends RunKind>(
  service: Service,
  kind: K,
  payload: JobPayloads[K],
  options: StartOptions,
  signal: AbortSignal,
): Promise<Run> {
  return ended(service, await startOrJoin(service, kind, payload, options), signal);
}

/** Waits for the end of a run: the run if it ended well, else its error. */
export async function ended(service: Service, id: string, signal: AbortSignal): Promise<Run> {
  const run = await service.wait(id, signal);
  if (run.state === 'succeeded' && run.result !== null) return run;
  throw run.error === null ? fail('INTERNAL', { what: `Run ${id} ended as ${run.state}` }) : fromErrorRecord(run.error);
}

async function startOrJoin<K extends RunKind>(
  service: Service,
  kind: K,
  payload: JobPayloads[K],
  options: StartOptions,
): Promise<string> {
  try {
    return (await service.start(kind, payload, options)).id;
  } catch (thrown) {
    const underWay = hasCode(thrown, 'CONFLICT') ? thrown.details?.['run'] : undefined;
    if (typeof underWay !== 'string') throw thrown;
    return underWay;
  }
}
