import { Group, Text } from '@mantine/core';
import type { Run } from '@milvault/shared';
import { useNow } from '../../clock.ts';
import { useFormat, useText } from '../../text/language.ts';
import { Card } from '../../ui/page.tsx';
import { Bar, phaseName } from './progress.tsx';

/** A run that goes on: how far it is, and how fast. */
export function LiveProgress({ run }: { readonly run: Run }) {
  const text = useText();
  const format = useFormat();
  const now = useNow();
  const { rows, rowsTotal, partsDone, partsTotal, bytes } = run.progress;
  const ms = run.startedAt === null ? 0 : now - run.startedAt;
  return (
    <Card>
      <Group justify="space-between" mb="xs">
        <strong>{phaseName(run, text.runs.phases)}</strong>
        <Text size="sm">{rowsTotal > 0 ? format.percent(rows / rowsTotal) : ''}</Text>
      </Group>
      <Bar run={run} />
      <Group gap="lg" mt="xs">
        {rowsTotal > 0 ? <Text size="sm">{text.runs.rows(format.count(rows), format.count(rowsTotal))}</Text> : null}
        {partsTotal > 0 ? (
          <Text size="sm">{text.runs.parts(format.count(partsDone), format.count(partsTotal))}</Text>
        ) : null}
        {bytes > 0 && ms > 0 ? <Text size="sm">{text.runs.rate(format.bytes((bytes / ms) * 1000))}</Text> : null}
      </Group>
    </Card>
  );
}
