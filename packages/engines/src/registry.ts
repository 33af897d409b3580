import { fail, type EngineKind } from '@milvault/shared';
import type { Engine } from './port.ts';
import type { RowsEngineDeps } from './rows/connect.ts';
import { createRowsEngine } from './rows/engine.ts';

export type EngineDeps = RowsEngineDeps;

/** Every engine there is. A new one is a folder and a line here. */
const ENGINES: Readonly<Record<EngineKind, (deps: EngineDeps) => Engine>> = {
  rows: createRowsEngine,
};

export const engineKinds = (): EngineKind[] => Object.keys(ENGINES) as EngineKind[]; // keys of the record above

/** Gives engines by kind, each made once; `auto` is the best that the source allows. OPTION_UNSUPPORTED. */
export function createEngines(deps: EngineDeps): (kind: 'auto' | EngineKind) => Engine {
  const made = new Map<EngineKind, Engine>();
  return (kind) => {
    const chosen = kind === 'auto' ? 'rows' : kind;
    if (!Object.hasOwn(ENGINES, chosen)) {
      throw fail('OPTION_UNSUPPORTED', {
        what: 'There is no such engine',
        expected: `auto or ${engineKinds().join(', ')}`,
        got: chosen,
      });
    }
    const engine = made.get(chosen) ?? ENGINES[chosen](deps);
    made.set(chosen, engine);
    return engine;
  };
}
