import type { EngineContext } from '@milvault/engines';
import { hasCode, toErrorRecord, type EngineKind, type Source } from '@milvault/shared';
import type { Adapters } from '../adapters.ts';
import { reachSource } from '../reach.ts';
import { examinerOf, type Diagnosis } from './diagnosis.ts';

/** Whether a Milvus answers, by which engine it is backed up, and why not by the better one that was configured for. */
export async function examineSource(source: Source, adapters: Adapters, context: EngineContext): Promise<Diagnosis[]> {
  const say = examinerOf('source', source.name);
  try {
    const { engine, version } = await reachSource(source, adapters, context);
    const who = version === null ? 'Its backup tool answers' : `Milvus ${version} answers`;
    const found = [say.ok(`${who}; the engine ${engine.kind} backs it up`)];
    if (source.storage !== null && engine.kind !== 'segments') {
      const why = await whyNot('segments', source, adapters, context);
      found.push(
        say.doubt(
          `Its files cannot be copied, so that its rows are read instead, which is slower: ${why}`,
          'Correct `storage` of the source, or take it out',
        ),
      );
    }
    if (source.tool !== undefined && engine.tool === undefined) {
      const why = await whyNot('milvus-backup', source, adapters, context);
      found.push(say.doubt(`Its backup tool is not used: ${why}`, 'Start the tool, or take `tool` out of the source'));
    }
    return found;
  } catch (thrown) {
    context.signal.throwIfAborted();
    return [say.fault(thrown)];
  }
}

async function whyNot(
  kind: EngineKind,
  source: Source,
  { engines }: Adapters,
  context: EngineContext,
): Promise<string> {
  try {
    return (await engines.get(kind).serves(source, context)) ?? `the engine ${kind} would serve it`;
  } catch (thrown) {
    if (!hasCode(thrown, 'TOOL_UNREACHABLE', 'TOOL_TIMEOUT')) throw thrown;
    return toErrorRecord(thrown).message;
  }
}
