import { hasCode } from '@milvault/shared';
import type { EngineContext, RestorePlan } from '../../port.ts';
import { CALLS_AT_ONCE, mapAtOnce } from '../at-once.ts';
import type { Session } from '../connect.ts';
import { createMissing, definitionAs, dropIfThere, stagingRef } from './staging.ts';

/** Databases, then every collection under its staging name; of an import a load before its end would not see all. */
export async function beginRestore(
  { client, lite }: Session,
  plan: RestorePlan,
  context: EngineContext,
  loadsEarly: (place: number) => boolean = () => true,
): Promise<void> {
  const { signal } = context;
  const existing = new Set((await client.databases(signal)).map((one) => one.name));
  for (const database of plan.newDatabases) {
    if (!existing.has(database.name)) await client.createDatabase(database, signal);
  }
  await mapAtOnce(plan.collections, CALLS_AT_ONCE, async (planned, place) => {
    const definition = definitionAs(planned.index.definition, stagingRef(planned), planned.autoId);
    await createMissing(client, definition, planned, signal);
    // A load takes Milvus seconds even without rows: it goes on while rows are inserted. Lite builds indexes in it.
    if (!lite && loadsEarly(place)) await client.startLoad(definition, signal);
  });
}

/** Drops what an unfinished restore made. What got its final name was proved equal and stays. */
export async function abandonRestore({ client }: Session, plan: RestorePlan): Promise<void> {
  const existing = new Set((await client.databases()).map((one) => one.name));
  for (const planned of plan.collections) {
    if (existing.has(planned.targetDatabase)) await dropIfThere(client, stagingRef(planned));
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
