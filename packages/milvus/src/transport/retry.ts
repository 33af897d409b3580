import { hasCode, type Clock } from '@milvault/shared';

const FIRST_PAUSE_MS = 250;
const TRIES = 4;

/** Repeats a call that changes nothing while Milvus is away or asks for patience; each pause is twice the last one. */
export async function retried<T>(clock: Clock, signal: AbortSignal | undefined, call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt === TRIES || !hasCode(error, 'SOURCE_UNREACHABLE', 'SOURCE_BUSY')) throw error;
      await clock.sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1), signal);
    }
  }
}
