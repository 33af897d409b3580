import type { EngineContext, Inspection } from '@milvault/engines';
import type { Adapters } from './adapters.ts';

/** What is on a source, and what a backup by the engine that `auto` takes would not hold. */
export async function inspectSource(
  adapters: Adapters,
  name: string,
  collections: readonly string[],
  context: EngineContext,
): Promise<Inspection> {
  const source = adapters.source(name);
  const engine = await adapters.engines.choose('auto', source, context);
  return engine.inspect(source, collections, context);
}
