import type { Moment } from '@milvault/milvus';
import type { CollectionDefinition, Warning } from '@milvault/shared';
import type { EngineContext, InspectedCollection, Inspection } from '../port.ts';
import { CALLS_AT_ONCE, mapAtOnce } from './at-once.ts';
import { chooseCollections, describeOrWarn } from './catalogue.ts';
import type { Session } from './connect.ts';
import { collectionDoubts, obstacles, serverDoubts } from './doubts.ts';
import type { SelectedName } from './select.ts';

/**
 * What is there, how many rows it has, and everything that a backup taken now would not hold: unless the engine reads
 * without a load, also what is not loaded.
 */
export async function inspect(
  session: Session,
  patterns: readonly string[],
  context: EngineContext,
  needsLoad = true,
): Promise<Inspection> {
  const { client } = session;
  const { signal } = context;
  const chosen = await chooseCollections(client, patterns, signal);
  const seen = await mapAtOnce(chosen.names, CALLS_AT_ONCE, (name) => look(session, name, needsLoad, signal));
  return {
    serverVersion: session.version,
    databases: chosen.databases,
    collections: seen.flatMap((one) => one.collection ?? []),
    warnings: [
      ...serverDoubts(session, chosen.databases),
      ...chosen.warnings,
      ...seen.flatMap((one) => [...one.warnings]),
    ],
  };
}

interface Look {
  /** Null where it cannot even be described. */
  readonly collection: InspectedCollection | null;
  readonly warnings: readonly Warning[];
}

async function look(session: Session, name: SelectedName, needsLoad: boolean, signal: AbortSignal): Promise<Look> {
  const definition = await describeOrWarn(session.client, name, signal);
  if (definition === null) return { collection: null, warnings: [] };
  if ('code' in definition) return { collection: null, warnings: [definition] };
  const hindered = obstacles(definition);
  return {
    collection: { definition, rows: hindered.length > 0 ? null : await countAll(session, definition, signal) },
    warnings: [...collectionDoubts(definition), ...(needsLoad ? hindered : [])],
  };
}

/** count(*) of the whole collection, at least as new as the moment; strong without one. */
export const countAll = (
  { client }: Pick<Session, 'client'>,
  definition: CollectionDefinition,
  signal: AbortSignal,
  moment: Moment | null = null,
): Promise<number> => client.count({ definition, partition: null, moment, signal });
