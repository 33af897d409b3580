import { List, Text } from '@mantine/core';
import type { Run } from '@milvault/shared';
import { useText } from '../../text/language.ts';
import { Card } from '../../ui/page.tsx';
import { Problem, troubleOfRun } from '../../ui/problem.tsx';
import { Name } from '../../ui/words.tsx';

export function Failure({ error }: { readonly error: NonNullable<Run['error']> }) {
  const text = useText();
  const causes = error.causes ?? [];
  return (
    <Card title={text.runs.error}>
      <Problem trouble={troubleOfRun(error)} />
      {causes.length === 0 ? null : (
        <>
          <Text size="sm" fw={600} mt="sm">
            {text.runs.causes}
          </Text>
          <List size="sm">
            {causes.map((cause) => (
              <List.Item key={cause}>
                <Name>{cause}</Name>
              </List.Item>
            ))}
          </List>
        </>
      )}
    </Card>
  );
}
