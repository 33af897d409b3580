import { Anchor, Table } from '@mantine/core';
import { CircleCheck, CircleX } from 'lucide-react';
import { Link } from 'wouter';
import type { Damage, RestoreReport } from '@milvault/shared';
import { useFormat, useText } from '../../text/language.ts';
import { Card } from '../../ui/page.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Name } from '../../ui/words.tsx';
import css from '../../ui/ui.module.css';

interface RestoredProps {
  readonly report: RestoreReport;
  readonly backup: string;
}

/** Each collection that was restored: its rows counted, its content compared. */
export function Restored({ report, backup }: RestoredProps) {
  const { lost = [] } = report;
  const text = useText();
  const format = useFormat();
  return (
    <Card title={text.runs.result}>
      <div className={css['scroll']} tabIndex={0} role="region" aria-label={text.runs.result}>
        <Table verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{text.backups.collection}</Table.Th>
              <Table.Th>{text.restored.as}</Table.Th>
              <Table.Th ta="end">{text.restored.expected}</Table.Th>
              <Table.Th ta="end">{text.restored.restored}</Table.Th>
              <Table.Th>{text.restored.content}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {report.collections.map((one) => (
              <Table.Tr key={`${one.database}.${one.collection}`}>
                <Table.Td>
                  <Name>{one.collection}</Name>
                </Table.Td>
                <Table.Td>
                  <Name>{one.targetCollection}</Name>
                </Table.Td>
                <Table.Td ta="end">{format.count(one.rowsExpected)}</Table.Td>
                <Table.Td ta="end">{format.count(one.rowsRestored)}</Table.Td>
                <Table.Td>
                  {one.contentEqual ? (
                    <Tag tone="good" icon={CircleCheck}>
                      {text.restored.equal}
                    </Tag>
                  ) : (
                    <Tag tone="bad" icon={CircleX}>
                      {text.restored.unequal}
                    </Tag>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {lost.length > 0 && <LostParts lost={lost} />}
      <Anchor component={Link} href={`/backups/${backup}`} size="sm">
        {text.runs.kinds.backup} {backup}
      </Anchor>
    </Card>
  );
}

/** Of a damaged backup: what is not there, by collection and keys. */
function LostParts({ lost }: { readonly lost: readonly Damage[] }) {
  const text = useText();
  const format = useFormat();
  return (
    <section aria-label={text.restored.lost}>
      <Tag tone="bad" icon={CircleX}>
        {text.restored.lost}
      </Tag>
      {lost.map(({ object, message, collection, partition, keyMin, keyMax, rows }) => (
        <p key={object}>
          {[
            collection,
            partition,
            keyMin === undefined ? undefined : `${keyMin} – ${keyMax ?? ''}`,
            rows === undefined ? undefined : `${text.backups.rows}: ${format.count(rows)}`,
            message,
          ]
            .filter((one) => one !== undefined)
            .join(' · ')}
        </p>
      ))}
    </section>
  );
}
