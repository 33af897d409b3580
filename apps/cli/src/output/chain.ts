import { chainOf, changesOf, formatBytes, formatCount, type Backup, type RowChanges } from '@milvault/shared';
import type { Style } from '../terminal.ts';
import { proofText } from './proofs.ts';
import { table, type Column } from './table.ts';
import { minute } from './text.ts';

const link = (at: number, length: number): string => {
  if (at === 0) return '●';
  return at === length - 1 ? '└' : '├';
};

/** The backups that an incremental was built on, newest first, down to the full; '' for a full. */
export function chainText(backup: Backup, all: readonly Backup[], style: Style): string {
  if (backup.base === null) return '';
  const chain = chainOf(backup, all);
  const drawn = table<Backup>(
    [
      { title: '  CHAIN', cell: (one) => `  ${link(chain.indexOf(one), chain.length)} ${one.name}` },
      { title: 'OWN', align: 'right', cell: ({ bytes }) => formatBytes(bytes.own) },
      { title: 'BORROWED', align: 'right', cell: ({ bytes }) => formatBytes(bytes.total - bytes.own) },
      ...changeColumns<Backup>(changesOf),
      { title: 'TAKEN (UTC)', cell: ({ committedAt }) => minute(committedAt) },
      { title: 'CHECKED', cell: ({ proofs }) => proofText(proofs) },
    ],
    chain,
    style,
  );
  const gone =
    chain.at(-1)?.base === null ? '' : '  Older backups of this chain are deleted: nothing of them is needed.\n';
  return `\n${drawn}${gone}`;
}

/** Rows added, changed and deleted; `-` where all rows were read anew. */
export function changeColumns<Row>(changes: (row: Row) => RowChanges | null): readonly Column<Row>[] {
  const column = (field: keyof RowChanges): Column<Row> => ({
    title: field.toUpperCase(),
    align: 'right',
    cell: (row) => {
      const told = changes(row);
      return told === null ? '-' : formatCount(told[field]);
    },
  });
  return [column('added'), column('changed'), column('deleted')];
}

/** The names of the incrementals that were built on a backup; null where there is none. */
export function baseOf(backup: Backup, all: readonly Backup[]): string | null {
  const names = all.filter(({ base }) => base === backup.id).map(({ name }) => name);
  return names.length === 0 ? null : names.sort().join(', ');
}
