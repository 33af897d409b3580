import { fail, hasCode, type EngineKind } from '@milvault/shared';
import { createHttpEngine, type HttpEngineDeps } from './http/engine.ts';
import { createMilvusBackupEngine } from './milvus-backup/engine.ts';
import type { Engine, EngineContext, EngineSource } from './port.ts';
import { createRowsEngine } from './rows/engine.ts';
import { createSegmentsEngine, type SegmentsEngineDeps } from './segments/engine.ts';

export type EngineDeps = HttpEngineDeps & SegmentsEngineDeps;

/** Every engine there is; `auto` takes the first that serves a source. A new one is a folder and a line here. */
const ENGINES: Readonly<Record<EngineKind, (deps: EngineDeps) => Engine>> = {
  segments: createSegmentsEngine,
  'milvus-backup': createMilvusBackupEngine,
  http: createHttpEngine,
  rows: createRowsEngine,
};

export const engineKinds = (): EngineKind[] => Object.keys(ENGINES) as EngineKind[]; // keys of the record above

export interface Engines {
  /** Made once each. OPTION_UNSUPPORTED where there is none of this kind. */
  get(kind: EngineKind): Engine;
  /**
   * The engine that was asked for, or the best that serves the source. OPTION_UNSUPPORTED with the reason where the one
   * that was asked for does not.
   */
  choose(asked: 'auto' | EngineKind, source: EngineSource, context: EngineContext): Promise<Engine>;
}

export function createEngines(deps: EngineDeps): Engines {
  const made = new Map<EngineKind, Engine>();
  const get = (kind: EngineKind): Engine => {
    if (!Object.hasOwn(ENGINES, kind)) throw unknown(kind);
    const engine = made.get(kind) ?? ENGINES[kind](deps);
    made.set(kind, engine);
    return engine;
  };
  return {
    get,
    choose: async (asked, source, context) => {
      const reasons: string[] = [];
      for (const kind of asked === 'auto' ? engineKinds() : [asked]) {
        const engine = get(kind);
        const reason = await served(engine, asked, source, context);
        if (reason === null) return engine;
        context.logger.debug(`The engine ${kind} does not serve ${source.address}: ${reason}`);
        reasons.push(`${kind}: ${reason}`);
      }
      throw fail('OPTION_UNSUPPORTED', {
        what: `The engine ${asked} cannot back up ${source.address}`,
        expected: 'an engine that serves this source',
        got: reasons.join('; '),
      });
    },
  };
}

/** Where any engine will do, a tool that does not answer keeps nobody from reading Milvus itself. */
async function served(
  engine: Engine,
  asked: 'auto' | EngineKind,
  source: EngineSource,
  context: EngineContext,
): Promise<string | null> {
  try {
    return await engine.serves(source, context);
  } catch (thrown) {
    if (asked !== 'auto' || !hasCode(thrown, 'TOOL_UNREACHABLE', 'TOOL_TIMEOUT')) throw thrown;
    context.logger.warn({ err: thrown }, `The engine ${engine.kind} cannot be used: ${thrown.message}`);
    return thrown.message;
  }
}

const unknown = (kind: string): Error =>
  fail('OPTION_UNSUPPORTED', {
    what: 'There is no such engine',
    expected: `auto or ${engineKinds().join(', ')}`,
    got: kind,
  });
