import { Checkbox, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { ArrowRight } from 'lucide-react';
import type { Backup, SourceView } from '@milvault/shared';
import { useText } from '../../text/language.ts';
import { Card } from '../../ui/page.tsx';
import { Name } from '../../ui/words.tsx';
import { keyOf, newNameOf, type Choice } from './choice.ts';
import css from './restore.module.css';
import { Ways } from './steps.tsx';

const LONGEST_SUFFIX = 64;
const LONGEST_NAME = 512;

interface NamesProps {
  readonly backup: Backup;
  readonly choice: Choice;
  readonly sources: readonly SourceView[];
  readonly onChange: (choice: Choice) => void;
  readonly onBack: () => void;
  readonly onNext: () => void;
}

/** Where to, and under which names: new ones, so that nothing that exists is replaced. */
export function Names({ backup, choice, sources, onChange, onBack, onNext }: NamesProps) {
  const text = useText();
  const chosen = backup.collections.filter((one) => choice.collections.includes(keyOf(one)));
  const named = chosen.every((one) => newNameOf(choice, one).trim() !== '');
  return (
    <Card title={text.restore.where}>
      <Stack gap="md">
        <Text size="sm">{text.restore.whereAbout}</Text>
        <Group gap="md" align="flex-start">
          <Select
            label={text.restore.target}
            allowDeselect={false}
            data={sources.map(({ name, address }) => ({ value: name, label: `${name} (${address})` }))}
            value={choice.target}
            onChange={(target) => onChange({ ...choice, target })}
            style={{ flex: '1 1 240px' }}
          />
          <TextInput
            label={text.restore.suffix}
            maxLength={LONGEST_SUFFIX}
            value={choice.suffix}
            onChange={(event) => onChange({ ...choice, suffix: event.currentTarget.value, names: {} })}
            style={{ flex: '1 1 160px' }}
          />
        </Group>
        <ul className={css['lines']}>
          {chosen.map((one) => (
            <li key={keyOf(one)} className={css['line']}>
              <Name>{one.collection}</Name>
              <ArrowRight size={16} aria-hidden />
              <TextInput
                aria-label={text.restore.newName(one.collection)}
                maxLength={LONGEST_NAME}
                value={newNameOf(choice, one)}
                onChange={(event) =>
                  onChange({ ...choice, names: { ...choice.names, [keyOf(one)]: event.currentTarget.value } })
                }
              />
            </li>
          ))}
        </ul>
        <Checkbox
          label={text.restore.aliases}
          description={text.restore.aliasesAbout}
          checked={choice.aliases}
          onChange={(event) => onChange({ ...choice, aliases: event.currentTarget.checked })}
        />
      </Stack>
      <Ways onBack={onBack} onNext={onNext} ready={named && choice.target !== null} />
    </Card>
  );
}
