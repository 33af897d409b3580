import type { AuditEntry } from '@milvault/shared';
import { keyOf, parse, type Store } from './store.ts';

/** Who changed what, newest first. The oldest entries go when there are many. */
export interface Audit {
  note(entry: Omit<AuditEntry, 'id'>): Promise<void>;
  /** Those before the entry `before`, or the newest ones; `next` is where the following page begins. */
  page(asked: {
    readonly before?: string;
    readonly limit: number;
  }): Promise<{ entries: AuditEntry[]; next: string | null }>;
}

/** Some megabytes, and years of a house where people change things by hand. */
const KEPT = 20_000;

export function createAudit(store: Store): Audit {
  const { redis } = store;
  const key = keyOf(store, 'audit');
  return {
    note: async (entry) => {
      await redis.xadd(key, 'MAXLEN', '~', KEPT, '*', 'entry', JSON.stringify(entry));
    },
    page: async ({ before, limit }) => {
      const from = before === undefined ? '+' : `(${before}`;
      const found = await redis.xrevrange(key, from, '-', 'COUNT', limit + 1);
      const entries = found
        .slice(0, limit)
        .map(([id, [, text]]): AuditEntry => ({ ...parse<Omit<AuditEntry, 'id'>>(text ?? '{}'), id }));
      return { entries, next: found.length > limit ? (entries.at(-1)?.id ?? null) : null };
    },
  };
}
