import { CloseButton, Group, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { queries } from '../../api/queries.ts';
import { useText } from '../../text/language.ts';

export interface FilterValues {
  readonly search: string | null;
  readonly type: string | null;
  readonly plan: string | null;
  readonly repository: string | null;
}

interface FiltersProps {
  readonly values: FilterValues;
  readonly onChange: (changes: Partial<Record<keyof FilterValues, string | null>>) => void;
}

const TYPING_MS = 250;

export function Filters({ values, onChange }: FiltersProps) {
  const text = useText();
  const { data } = useQuery(queries.overview());
  const choices = (names: readonly string[] | undefined, chosen: string | null): string[] => [
    ...new Set([...(names ?? []), ...(chosen === null ? [] : [chosen])]),
  ];
  return (
    <Group gap="sm">
      <SearchBox value={values.search ?? ''} onChange={(search) => onChange({ search })} />
      <Select
        aria-label={text.backups.type}
        placeholder={text.backups.type}
        clearable
        w={150}
        data={[
          { value: 'full', label: text.backups.full },
          { value: 'incremental', label: text.backups.incremental },
        ]}
        value={values.type}
        onChange={(type) => onChange({ type })}
      />
      <Select
        aria-label={text.common.plan}
        placeholder={text.common.plan}
        clearable
        w={170}
        data={choices(
          data?.plans.map(({ plan }) => plan),
          values.plan,
        )}
        value={values.plan}
        onChange={(plan) => onChange({ plan })}
      />
      {(data?.storage.length ?? 0) < 2 ? null : (
        <Select
          aria-label={text.common.repository}
          placeholder={text.common.repository}
          clearable
          w={170}
          data={choices(
            data?.storage.map(({ repository }) => repository),
            values.repository,
          )}
          value={values.repository}
          onChange={(repository) => onChange({ repository })}
        />
      )}
    </Group>
  );
}

/** Asks when the typing pauses, not at each key. */
function SearchBox({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) {
  const text = useText();
  const [typed, setTyped] = useState(value);
  const tell = useDebouncedCallback(onChange, TYPING_MS);
  const type = (next: string): void => {
    setTyped(next);
    tell(next);
  };
  return (
    <TextInput
      type="search"
      aria-label={text.backups.searchLabel}
      placeholder={text.backups.searchLabel}
      leftSection={<Search size={16} aria-hidden />}
      rightSection={
        typed === '' ? null : <CloseButton size="sm" aria-label={text.backups.clear} onClick={() => type('')} />
      }
      value={typed}
      onChange={(event) => type(event.currentTarget.value)}
      style={{ flex: '1 1 220px', maxWidth: 360 }}
    />
  );
}
