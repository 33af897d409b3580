import { Button, Table } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Backup } from '@milvault/shared';
import { queries } from '../../api/queries.ts';
import { useFormat, useText } from '../../text/language.ts';
import { Fetched } from '../../ui/fetched.tsx';
import { Card } from '../../ui/page.tsx';
import { Name } from '../../ui/words.tsx';
import css from '../../ui/ui.module.css';
import { figuresOf } from './figures.ts';
import { Schema } from './schema.tsx';

export function Collections({ backup }: { readonly backup: Backup }) {
  const text = useText();
  const incremental = backup.collections.some(({ changes }) => changes !== undefined);
  return (
    <Card title={text.backups.collections}>
      <div className={css['scroll']} tabIndex={0} role="region" aria-label={text.backups.collections}>
        <Table verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{text.backups.collection}</Table.Th>
              <Table.Th ta="end">{text.backups.rows}</Table.Th>
              <Table.Th ta="end">{text.backups.size}</Table.Th>
              {incremental ? <Table.Th>{text.backups.changes}</Table.Th> : null}
              <Table.Th>{text.backups.fields}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {backup.collections.map((one) => (
              <Line key={`${one.database}.${one.collection}`} one={one} backup={backup} incremental={incremental} />
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </Card>
  );
}

interface LineProps {
  readonly one: CollectionData;
  readonly backup: Backup;
  readonly incremental: boolean;
}

type CollectionData = Backup['collections'][number];

function Line({ one, backup, incremental }: LineProps) {
  const text = useText();
  const format = useFormat();
  const [open, setOpen] = useState(false);
  const { rows, bytes } = figuresOf(backup).collection(one);
  return (
    <>
      <Table.Tr>
        <Table.Td>
          <Name>{one.database === 'default' ? one.collection : `${one.database}.${one.collection}`}</Name>
        </Table.Td>
        <Table.Td ta="end">{format.count(rows)}</Table.Td>
        <Table.Td ta="end">{format.bytes(bytes)}</Table.Td>
        {incremental ? (
          <Table.Td>
            <Changes one={one} />
          </Table.Td>
        ) : null}
        <Table.Td>
          <Button size="compact-xs" variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? text.common.hide : text.common.show}
          </Button>
        </Table.Td>
      </Table.Tr>
      {open ? (
        <Table.Tr>
          <Table.Td colSpan={incremental ? 5 : 4} p={0}>
            <Contents backup={backup.id} one={one} />
          </Table.Td>
        </Table.Tr>
      ) : null}
    </>
  );
}

function Changes({ one: { changes } }: { readonly one: CollectionData }) {
  const text = useText();
  const format = useFormat();
  if (changes === undefined) return text.backups.wholly;
  const { added, changed, deleted } = changes;
  return [
    text.backups.added(format.count(added)),
    text.backups.changed(format.count(changed)),
    text.backups.deleted(format.count(deleted)),
  ].join(' · ');
}

function Contents({ backup, one }: { readonly backup: string; readonly one: CollectionData }) {
  const contents = useQuery(queries.contents(backup));
  return (
    <Fetched query={contents} lines={3}>
      {({ collections }) => {
        const found = collections.find(
          ({ database, collection }) => database === one.database && collection === one.collection,
        );
        return found === undefined ? null : <Schema definition={found.definition} partitions={found.partitions} />;
      }}
    </Fetched>
  );
}
