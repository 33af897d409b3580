import { hasCode, isStopped, type Damage, type VerifyReport } from '@milvault/shared';
import type { RepositoryContext } from '../context.ts';

/** What a damage concerns, as far as it is known where it was found. */
export type Concern = Omit<Damage, 'code' | 'object' | 'message'>;

/** The results of one check as they come in. Status is computed from them, never set. */
export interface Findings {
  readonly damages: readonly Damage[];
  /**
   * Runs a read. Where it fails, it is run a second time: only two failing reads make damage. Null where it failed.
   * A fault that says nothing about the backup (network, rights, a broken disk controller) makes the result `unknown`.
   */
  attempt<T>(object: string, concern: Concern, read: () => Promise<T>): Promise<T | null>;
  damage(code: Damage['code'], object: string, message: string, concern: Concern): void;
  result(): VerifyReport['result'];
  /** What could not be read, and why. */
  readonly unread: readonly { readonly object: string; readonly message: string }[];
}

export function createFindings(context: RepositoryContext): Findings {
  const damages: Damage[] = [];
  const unread: { object: string; message: string }[] = [];
  const damage: Findings['damage'] = (code, object, message, concern) => {
    damages.push({ code, object, message, ...concern });
  };
  return {
    damages,
    unread,
    damage,
    attempt: async (object, concern, read) => {
      try {
        return await read();
      } catch (first) {
        if (isStopped(first)) throw first;
        context.logger.warn({ object, err: first }, 'a read failed and is tried once more');
      }
      try {
        return await read();
      } catch (error) {
        if (isStopped(error)) throw error;
        if (hasCode(error, 'OBJECT_DAMAGED')) damage('OBJECT_DAMAGED', object, error.message, concern);
        else if (hasCode(error, 'OBJECT_MISSING')) damage('OBJECT_MISSING', object, error.message, concern);
        else unread.push({ object, message: error instanceof Error ? error.message : String(error) });
        return null;
      }
    },
    result: () => (damages.length > 0 ? 'damaged' : unread.length > 0 ? 'unknown' : 'ok'),
  };
}
