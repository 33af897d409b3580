import { fail, type EngineKind } from '@milvault/shared';
import type { Engine, EngineContext, EngineSource } from './port.ts';
import { createRowsEngine } from './rows/engine.ts';
import { createSegmentsEngine, type SegmentsEngineDeps } from './segments/engine.ts';

export type EngineDeps = SegmentsEngineDeps;

/** Every engine there is; `auto` takes the first that serves a source. A new one is a folder and a line here. */
const ENGINES: Readonly<Record<EngineKind, (deps: EngineDeps) => Engine>> = {
  segments: createSegmentsEngine,
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
        const reason = await engine.serves(source, context);
        if (reason === null) return engine;
        context.logger.info(`The engine ${kind} does not serve ${source.address}: ${reason}`);
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

const unknown = (kind: string): Error =>
  fail('OPTION_UNSUPPORTED', {
    what: 'There is no such engine',
    expected: `auto or ${engineKinds().join(', ')}`,
    got: kind,
  });
