import { Checkbox, MultiSelect, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Backup } from '@milvault/shared';
import { queries } from '../../api/queries.ts';
import { useFormat, useText } from '../../text/language.ts';
import { Card } from '../../ui/page.tsx';
import { Name } from '../../ui/words.tsx';
import { figuresOf } from '../backups/figures.ts';
import { keyOf, type Choice, type CollectionSummary } from './choice.ts';
import { Ways } from './steps.tsx';

interface WhatProps {
  readonly backup: Backup;
  readonly choice: Choice;
  readonly onChange: (choice: Choice) => void;
  readonly onNext: () => void;
}

export function What({ backup, choice, onChange, onNext }: WhatProps) {
  const text = useText();
  const format = useFormat();
  const all = backup.collections.map(keyOf);
  const { collections } = choice;
  const describe = (one: CollectionSummary): string => {
    const { rows, bytes } = figuresOf(backup).collection(one);
    return `${text.runs.rowsOnly(format.count(rows))} · ${format.bytes(bytes)}`;
  };
  const set = (next: readonly string[]): void => onChange({ ...choice, collections: next, partitions: [] });
  return (
    <Card title={text.restore.what}>
      <Stack gap="sm">
        <Checkbox
          label={text.restore.all(format.count(all.length))}
          checked={collections.length === all.length}
          indeterminate={collections.length > 0 && collections.length < all.length}
          onChange={(event) => set(event.currentTarget.checked ? all : [])}
        />
        <Checkbox.Group
          aria-label={text.backups.collections}
          value={[...collections]}
          onChange={(next) => set(all.filter((key) => next.includes(key)))}
        >
          <Stack gap="xs" pl="md">
            {backup.collections.map((one) => (
              <Checkbox
                key={keyOf(one)}
                value={keyOf(one)}
                label={<Name>{one.database === 'default' ? one.collection : keyOf(one)}</Name>}
                description={describe(one)}
              />
            ))}
          </Stack>
        </Checkbox.Group>
        <Partitions backup={backup} choice={choice} onChange={onChange} />
      </Stack>
      <Ways onNext={onNext} ready={collections.length > 0} />
    </Card>
  );
}

/** Offered where more than one partition can be told apart: those of a partition key come and go as a whole. */
function Partitions({ backup, choice, onChange }: Omit<WhatProps, 'onNext'>) {
  const text = useText();
  const contents = useQuery(queries.contents(backup.id)).data?.collections ?? [];
  const chosen = contents.filter((one) => choice.collections.includes(keyOf(one)));
  const keyed = chosen.some(({ definition }) => definition.partitionKeyMode);
  const names = [...new Set(chosen.flatMap(({ definition }) => definition.partitions.map(({ name }) => name)))];
  if (keyed || names.length < 2) return null;
  return (
    <>
      <MultiSelect
        label={text.backups.partitions}
        placeholder={choice.partitions.length === 0 ? text.common.all : ''}
        data={names}
        value={[...choice.partitions]}
        onChange={(partitions) => onChange({ ...choice, partitions })}
        searchable
      />
      {choice.partitions.length === 0 ? null : <Text size="sm">{text.restore.somePartitions}</Text>}
    </>
  );
}
