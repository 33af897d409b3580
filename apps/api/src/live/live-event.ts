import type { CatalogEvent } from '@milvault/catalog';
import type { Progress } from '@milvault/shared';

/** Something that happened, for whoever watches. Progress has no id: it is not kept, and the next one replaces it. */
export type LiveEvent =
  | CatalogEvent
  | {
      readonly id: null;
      readonly type: 'run.progress';
      readonly data: { readonly run: string; readonly progress: Progress };
    };

/** Events after `lastId`, as far as they are kept, or from now on, until the signal aborts. REDIS_UNREACHABLE. */
export type Follow<Event = LiveEvent> = (lastId: string | null, signal: AbortSignal) => AsyncIterable<Event>;
