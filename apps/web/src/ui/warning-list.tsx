import { Code, List } from '@mantine/core';
import type { Warning } from '@milvault/shared';
import { Name } from './words.tsx';

export const WarningList = ({ warnings }: { readonly warnings: readonly Warning[] }) =>
  warnings.length === 0 ? null : (
    <List spacing="xs" size="sm">
      {warnings.map((warning) => (
        <List.Item key={`${warning.code} ${warning.message}`}>
          <Code>{warning.code}</Code> <Name>{warning.message}</Name>
        </List.Item>
      ))}
    </List>
  );
