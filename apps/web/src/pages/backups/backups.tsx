import { useMemo } from 'react';
import { queries } from '../../api/queries.ts';
import { useFormat, useText } from '../../text/language.ts';
import { useAddress } from '../../ui/address.ts';
import { ListState } from '../../ui/list.tsx';
import { Page } from '../../ui/page.tsx';
import { usePages } from '../../ui/use-pages.ts';
import { VirtualTable } from '../../ui/virtual-table.tsx';
import { BackupCard } from './card.tsx';
import { backupColumns } from './columns.tsx';
import { Filters } from './filters.tsx';

const NEWEST = '-committedAt';

export default function Backups() {
  const text = useText();
  const format = useFormat();
  const [get, set] = useAddress();
  const filters = { search: get('search'), type: get('type'), plan: get('plan'), repository: get('repository') };
  const sort = get('sort') ?? NEWEST;
  const rows = usePages((page) => queries.backups({ ...filters, sort, ...page }));
  const columns = useMemo(() => backupColumns(text, format), [text, format]);
  const filtered = Object.values(filters).some((value) => value !== null);
  return (
    <Page title={text.backups.title} about={rows.pending ? ' ' : text.backups.about(format.count(rows.total))}>
      <Filters values={filters} onChange={set} />
      <ListState rows={rows} empty={filtered ? text.backups.none : text.backups.noneYet}>
        <VirtualTable
          label={text.backups.tableLabel}
          rows={rows}
          columns={columns}
          keyOf={({ id }) => id}
          card={(backup) => <BackupCard backup={backup} />}
          sort={sort}
          onSort={(next) => set({ sort: next === NEWEST ? null : next })}
        />
      </ListState>
    </Page>
  );
}
