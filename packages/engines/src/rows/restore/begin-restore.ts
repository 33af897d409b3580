import type { Repository } from '@milvault/repository';
import { hasCode } from '@milvault/shared';
import type { EngineContext, RestorePlan } from '../../port.ts';
import { CALLS_AT_ONCE, mapAtOnce } from '../at-once.ts';
import { sliceBatch } from '../batches.ts';
import type { Session } from '../connect.ts';
import { createMissing, definitionAs, dropIfThere, stagingRef, trialRef } from './staging.ts';
import { tryOut, type TrialMeans } from './trial.ts';

/** What chunks of rows bring to a restore. */
const chunkMeans = (repository: Repository): TrialMeans => ({
  autoId: () => null,
  firstRow: async (index) => {
    const [chunk] = index.chunks;
    if (chunk === undefined) return null;
    return { partition: chunk.partition, row: sliceBatch(await repository.readChunk(index, chunk), 0, 1) };
  },
  loadsEarly: () => true,
});

export const beginRestore = (
  session: Session,
  repository: Repository,
  plan: RestorePlan,
  context: EngineContext,
): Promise<RestorePlan> => prepareTarget(session, chunkMeans(repository), plan, context);

/** Databases, then every collection under its staging name, after a trial of it. Gives the plan with what that found. */
export async function prepareTarget(
  { client, lite }: Session,
  means: TrialMeans,
  plan: RestorePlan,
  { signal }: EngineContext,
): Promise<RestorePlan> {
  const existing = new Set((await client.databases(signal)).map((one) => one.name));
  for (const database of plan.newDatabases) {
    if (!existing.has(database.name)) await client.createDatabase(database, signal);
  }
  const tried = await mapAtOnce(plan.collections, CALLS_AT_ONCE, async (planned) => {
    const { warnings, ...found } = await tryOut(client, means, planned, signal);
    const ready = { ...planned, ...found };
    const definition = definitionAs(ready.index.definition, stagingRef(ready), ready.autoId);
    await createMissing(client, definition, ready, signal);
    // A load takes Milvus seconds even without rows: it goes on while rows are inserted. Lite builds indexes in it.
    if (!lite && means.loadsEarly(ready.index)) await client.startLoad(definition, signal);
    return { ready, warnings };
  });
  return {
    ...plan,
    collections: tried.map(({ ready }) => ready),
    warnings: [...plan.warnings, ...tried.flatMap(({ warnings }) => warnings)],
  };
}

/** Drops what an unfinished restore made. What got its final name was proved equal and stays. */
export async function abandonRestore({ client }: Session, plan: RestorePlan): Promise<void> {
  const existing = new Set((await client.databases()).map((one) => one.name));
  for (const planned of plan.collections) {
    if (!existing.has(planned.targetDatabase)) continue;
    await dropIfThere(client, trialRef(planned));
    await dropIfThere(client, stagingRef(planned));
  }
  for (const { name } of plan.newDatabases) {
    if (existing.has(name) && (await client.collections(name)).length === 0) await dropDatabase(client, name);
  }
}

async function dropDatabase(client: Session['client'], name: string): Promise<void> {
  try {
    await client.dropDatabase(name);
  } catch (error) {
    // Somebody else began to use it, or removed it, between the look and the drop.
    if (!hasCode(error, 'SOURCE_REJECTED', 'DATABASE_NOT_FOUND')) throw error;
  }
}
