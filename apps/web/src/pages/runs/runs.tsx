import { Group, Select } from '@mantine/core';
import { useMemo } from 'react';
import type { RunKind, RunState } from '@milvault/shared';
import { queries } from '../../api/queries.ts';
import { useFormat, useText } from '../../text/language.ts';
import { useAddress } from '../../ui/address.ts';
import { ListState } from '../../ui/list.tsx';
import { Page } from '../../ui/page.tsx';
import { usePages } from '../../ui/use-pages.ts';
import { VirtualTable } from '../../ui/virtual-table.tsx';
import { RunCard } from './card.tsx';
import { runColumns } from './columns.tsx';
import { WorkersNow } from './workers.tsx';

export default function Runs() {
  const text = useText();
  const format = useFormat();
  const [get, set] = useAddress();
  const filters = { kind: get('kind'), state: get('state'), plan: get('plan') };
  const rows = usePages((page) => queries.runs({ ...filters, ...page }));
  const columns = useMemo(() => runColumns(text, format), [text, format]);
  const filtered = Object.values(filters).some((value) => value !== null);
  return (
    <Page
      title={text.runs.title}
      about={rows.pending ? ' ' : text.runs.about(format.count(rows.total))}
      actions={<WorkersNow />}
    >
      <Group gap="sm">
        <Choice
          label={text.common.kind}
          value={filters.kind}
          names={text.runs.kinds}
          onChange={(kind) => set({ kind })}
        />
        <Choice
          label={text.common.state}
          value={filters.state}
          names={text.runs.states}
          onChange={(state) => set({ state })}
        />
      </Group>
      <ListState rows={rows} empty={filtered ? text.runs.none : text.runs.noneYet}>
        <VirtualTable
          label={text.runs.tableLabel}
          rows={rows}
          columns={columns}
          keyOf={({ id }) => id}
          card={(run) => <RunCard run={run} />}
        />
      </ListState>
    </Page>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string | null;
  readonly names: Readonly<Record<RunKind, string>> | Readonly<Record<RunState, string>>;
  readonly onChange: (value: string | null) => void;
}

const Choice = ({ label, value, names, onChange }: ChoiceProps) => (
  <Select
    aria-label={label}
    placeholder={label}
    clearable
    w={170}
    data={Object.entries(names).map(([name, title]) => ({ value: name, label: title }))}
    value={value}
    onChange={onChange}
  />
);
