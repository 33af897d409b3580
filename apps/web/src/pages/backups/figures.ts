import type { Backup, EngineKind } from '@milvault/shared';

type Collection = Backup['collections'][number];

interface Figures {
  readonly rows: number | null;
  readonly own: number | null;
  readonly total: number | null;
  readonly collection: (one: Collection) => { readonly rows: number | null; readonly bytes: number | null };
}

/** The numbers of a backup; null is what the tool that keeps it did not give, where the record holds 0. */
export function figuresOf({ rows, bytes, tool }: Backup): Figures {
  const told = (what: 'rows' | 'bytes' | 'collections'): boolean => tool?.unknown.includes(what) !== true;
  const each = told('collections');
  return {
    rows: told('rows') ? rows : null,
    own: told('bytes') ? bytes.own : null,
    total: told('bytes') ? bytes.total : null,
    collection: (one) => (each ? { rows: one.rows, bytes: one.bytes } : { rows: null, bytes: null }),
  };
}

/** What can be done with a backup of an engine besides checks and deletion. */
export const ABLE: Readonly<Record<EngineKind, { readonly restore: boolean; readonly drill: boolean }>> = {
  rows: { restore: true, drill: true },
  segments: { restore: true, drill: true },
  'milvus-backup': { restore: true, drill: false },
  http: { restore: false, drill: false },
};
