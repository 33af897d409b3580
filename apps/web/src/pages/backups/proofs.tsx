import { Table, Text } from '@mantine/core';
import type { Backup, Proof } from '@milvault/shared';
import { useText } from '../../text/language.ts';
import { Card, Nothing } from '../../ui/page.tsx';
import { Tag, type Tone } from '../../ui/tag.tsx';
import { Instant, Name } from '../../ui/words.tsx';

const TONES: Readonly<Record<Proof['result'], Tone>> = { ok: 'good', damaged: 'bad', unknown: 'warning' };

/** How and when it was checked, each level by its newest report. */
export function Proofs({ backup: { proofs } }: { readonly backup: Backup }) {
  const text = useText();
  return (
    <Card title={text.backups.proofs}>
      {proofs.length === 0 ? (
        <Nothing>{text.backups.noProofs}</Nothing>
      ) : (
        <Table verticalSpacing="xs">
          <Table.Tbody>
            {proofs.map(({ level, result, at, by }) => (
              <Table.Tr key={level}>
                <Table.Td>{text.proofs.long[level] ?? level}</Table.Td>
                <Table.Td>
                  <Tag tone={TONES[result]}>{text.proofs.results[result]}</Tag>
                </Table.Td>
                <Table.Td>
                  <Instant at={at} />
                  {by === undefined ? null : (
                    <Text size="sm" c="dimmed">
                      {text.proofs.wordOf} <Name>{by}</Name>
                    </Text>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  );
}
