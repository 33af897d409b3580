import type { Engine, EngineContext, EngineSource } from '@milvault/engines';
import type { Adapters } from './adapters.ts';

/**
 * The engine that `auto` takes for a source, once the source answered: the version of its Milvus, or null where a backup
 * tool answers for it, which then is what backups need.
 */
export async function reachSource(
  source: EngineSource,
  { engines, connect }: Pick<Adapters, 'engines' | 'connect'>,
  context: EngineContext,
): Promise<{ readonly engine: Engine; readonly version: string | null }> {
  const engine = await engines.choose('auto', source, context);
  if (engine.tool !== undefined) return { engine, version: null };
  const client = connect(source);
  try {
    return { engine, version: (await client.server(context.signal)).version };
  } finally {
    client.close();
  }
}
