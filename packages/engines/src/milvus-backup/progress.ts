import type { EngineContext } from '../port.ts';

/** Is told how large the whole is and how much of it is done, in percent; tells on what came since. Never goes back. */
export type TellShare = (whole: number, percent: number) => void;

export function tellShare(kind: 'rows' | 'bytes', onProgress: EngineContext['onProgress']): TellShare {
  let told = 0;
  return (whole, percent) => {
    const done = Math.floor((whole * percent) / 100);
    if (done <= told) return;
    onProgress({ rows: 0, bytes: 0, [kind]: done - told });
    told = done;
  };
}
