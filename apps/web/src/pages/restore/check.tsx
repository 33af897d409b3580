import { Button, Group, Stack, Table, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleX, RotateCcw } from 'lucide-react';
import { useLocation } from 'wouter';
import type { Backup, RestoreCheck } from '@milvault/shared';
import { actions } from '../../api/actions.ts';
import { queries } from '../../api/queries.ts';
import { useFormat, useText } from '../../text/language.ts';
import { useToldRun } from '../../toasts/use-told.ts';
import { Fetched } from '../../ui/fetched.tsx';
import { Card } from '../../ui/page.tsx';
import { Problem, troubleOf } from '../../ui/problem.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Name } from '../../ui/words.tsx';
import { WarningList } from '../../ui/warning-list.tsx';
import ui from '../../ui/ui.module.css';
import { requestOf, type Choice } from './choice.ts';
import css from './restore.module.css';
import { Ways } from './steps.tsx';

interface CheckProps {
  readonly backup: Backup;
  readonly choice: Choice;
  readonly target: string;
  readonly onBack: () => void;
}

/** What would be made and what is in its way, looked up on the target; then the one button that begins. */
export function Check({ backup, choice, target, onBack }: CheckProps) {
  const text = useText();
  const told = useToldRun();
  const [, go] = useLocation();
  const request = requestOf(choice, backup, target);
  const check = useQuery(queries.restoreCheck(backup.id, request));
  const start = useMutation({
    mutationFn: () => actions.restore(backup, request),
    onSuccess: (run) => {
      told(run);
      go(`/runs/${encodeURIComponent(run.id)}`);
    },
  });
  const ready = check.data?.ready === true && !check.isFetching;
  return (
    <Card title={text.restore.check}>
      <Fetched query={check}>{(found) => <Found found={found} />}</Fetched>
      {start.error === null ? null : <Problem trouble={troubleOf(start.error)} />}
      <Ways onBack={onBack}>
        <Group>
          <Button
            variant="default"
            leftSection={<RotateCcw size={16} aria-hidden />}
            loading={check.isFetching}
            onClick={() => void check.refetch()}
          >
            {text.restore.again}
          </Button>
          <Button disabled={!ready} loading={start.isPending} onClick={() => start.mutate()}>
            {text.restore.start}
          </Button>
        </Group>
      </Ways>
    </Card>
  );
}

function Found({ found }: { readonly found: RestoreCheck }) {
  const text = useText();
  const format = useFormat();
  const { collections, newDatabases, warnings, ready, serverVersion, target } = found;
  const rows = collections.reduce<number | null>(
    (sum, one) => (sum === null || one.rows === null ? null : sum + one.rows),
    0,
  );
  return (
    <Stack gap="sm">
      <Text size="sm" component="div">
        <Name>{`${target} · ${serverVersion}`}</Name>
      </Text>
      <div className={ui['scroll']} tabIndex={0} role="region" aria-label={text.restore.check}>
        <Table verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{text.backups.collection}</Table.Th>
              <Table.Th>{text.restored.as}</Table.Th>
              <Table.Th ta="end">{text.backups.rows}</Table.Th>
              <Table.Th>{text.restore.there}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {collections.map((one) => (
              <Line key={`${one.database}.${one.collection}`} one={one} />
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {newDatabases.length === 0 ? null : <Text size="sm">{text.restore.newDatabases(newDatabases.join(', '))}</Text>}
      <WarningList warnings={warnings} />
      <Text size="sm" fw={600} role="status">
        {ready ? text.restore.ready(format.count(rows), format.count(collections.length)) : text.restore.inTheWay}
      </Text>
      {ready ? (
        <Text size="sm" c="dimmed">
          {text.restore.readyAbout}
        </Text>
      ) : null}
    </Stack>
  );
}

function Line({ one }: { readonly one: RestoreCheck['collections'][number] }) {
  const text = useText();
  const format = useFormat();
  const { exists, targetCollection, targetDatabase, rows } = one;
  return (
    <Table.Tr {...(exists === null ? {} : { className: css['taken'] ?? '' })}>
      <Table.Td>
        <Name>{one.collection}</Name>
      </Table.Td>
      <Table.Td>
        <Name>{targetDatabase === 'default' ? targetCollection : `${targetDatabase}.${targetCollection}`}</Name>
      </Table.Td>
      <Table.Td ta="end">{format.count(rows)}</Table.Td>
      <Table.Td>
        {exists === null ? (
          <Tag tone="good" icon={CircleCheck}>
            {text.restore.free}
          </Tag>
        ) : (
          <Group gap={6}>
            <Tag tone="bad" icon={CircleX}>
              {text.restore.taken}
            </Tag>
            {exists.collection === targetCollection ? null : <Name>{text.restore.aliasOf(exists.collection)}</Name>}
            {exists.rows === null ? text.restore.unknownRows : text.runs.rowsOnly(format.count(exists.rows))}
          </Group>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
