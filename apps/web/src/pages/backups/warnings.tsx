import { Code, List } from '@mantine/core';
import type { Warning } from '@milvault/shared';
import { useText } from '../../text/language.ts';
import { Card, Nothing } from '../../ui/page.tsx';
import { Name } from '../../ui/words.tsx';

export function Warnings({ warnings }: { readonly warnings: readonly Warning[] }) {
  const text = useText();
  return (
    <Card title={text.backups.warnings}>
      {warnings.length === 0 ? (
        <Nothing>{text.backups.noWarnings}</Nothing>
      ) : (
        <List spacing="xs" size="sm">
          {warnings.map((warning) => (
            <List.Item key={`${warning.code} ${warning.message}`}>
              <Code>{warning.code}</Code> <Name>{warning.message}</Name>
            </List.Item>
          ))}
        </List>
      )}
    </Card>
  );
}
