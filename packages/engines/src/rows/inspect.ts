import type { CollectionDefinition, Warning } from '@milvault/shared';
import type { EngineContext, InspectedCollection, Inspection } from '../port.ts';
import { chooseCollections, describeOrWarn } from './catalogue.ts';
import type { Session } from './connect.ts';
import { collectionDoubts, obstacles, serverDoubts } from './doubts.ts';

/** What is there, how many rows it has, and everything that a backup taken now would not hold. */
export async function inspect(
  session: Session,
  patterns: readonly string[],
  context: EngineContext,
): Promise<Inspection> {
  const { client } = session;
  const { signal } = context;
  const chosen = await chooseCollections(client, patterns, signal);
  const collections: InspectedCollection[] = [];
  const warnings: Warning[] = [...serverDoubts(session, chosen.databases), ...chosen.warnings];
  for (const name of chosen.names) {
    const described = await describeOrWarn(client, name, signal);
    if ('code' in described) {
      warnings.push(described);
      continue;
    }
    const hindered = obstacles(described);
    warnings.push(...collectionDoubts(described), ...hindered);
    collections.push({
      definition: described,
      rows: hindered.length > 0 ? null : await countAll(session, described, signal),
    });
  }
  return { serverVersion: session.version, databases: chosen.databases, collections, warnings };
}

/** Strong count(*) of the whole collection. */
export const countAll = (
  { client }: Pick<Session, 'client'>,
  definition: CollectionDefinition,
  signal: AbortSignal,
): Promise<number> => client.count({ definition, partition: null, signal });
