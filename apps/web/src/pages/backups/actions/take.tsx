import { Select, TagsInput, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import type { BackupType } from '@milvault/shared';
import { actions } from '../../../api/actions.ts';
import { queries } from '../../../api/queries.ts';
import { useText } from '../../../text/language.ts';
import { useToldRun } from '../../../toasts/use-told.ts';
import { DialogButton } from '../../../ui/dialog-button.tsx';

/** A backup by hand. Retention never judges it: it stays until somebody deletes it. */
export function TakeBackup() {
  const text = useText();
  const told = useToldRun();
  const sources = useNames(useQuery(queries.sources()).data?.sources);
  const repositories = useNames(useQuery(queries.repositories()).data?.repositories);
  const [type, setType] = useState<BackupType>('full');
  const [collections, setCollections] = useState<string[]>([]);
  const { chosen: source } = sources;
  const { chosen: repository } = repositories;
  return (
    <DialogButton
      may="operate"
      primary
      label={text.acts.take}
      icon={Plus}
      title={text.acts.take}
      confirm={text.acts.takeNow}
      ready={source !== null && repository !== null}
      act={() =>
        actions.takeBackup({
          ...(source === null ? {} : { source }),
          ...(repository === null ? {} : { repository }),
          ...(collections.length === 0 ? {} : { collections }),
          type,
        })
      }
      onDone={told}
    >
      <Text size="sm">{text.acts.takeAbout}</Text>
      <Choice label={text.common.source} names={sources} />
      <Choice label={text.common.repository} names={repositories} />
      <Select
        label={text.backups.type}
        allowDeselect={false}
        data={[
          { value: 'full', label: text.backups.full },
          { value: 'incremental', label: text.backups.incremental },
        ]}
        value={type}
        onChange={(value) => setType(value as BackupType)}
      />
      <TagsInput
        label={text.backups.collections}
        description={text.acts.takeWhich}
        placeholder={collections.length === 0 ? text.acts.takeAll : ''}
        value={collections}
        onChange={setCollections}
        clearable
        clearButtonProps={{ 'aria-label': text.backups.clear }}
      />
    </DialogButton>
  );
}

interface Names {
  readonly names: readonly string[];
  readonly chosen: string | null;
  readonly choose: (name: string | null) => void;
}

/** One of several names, or the only one there is. */
function useNames(all: readonly { readonly name: string }[] = []): Names {
  const [wished, choose] = useState<string | null>(null);
  const names = all.map(({ name }) => name);
  const only = names.length === 1 ? (names[0] ?? null) : null;
  return { names, chosen: wished ?? only, choose };
}

const Choice = ({ label, names: { names, chosen, choose } }: { readonly label: string; readonly names: Names }) => (
  <Select label={label} required allowDeselect={false} data={[...names]} value={chosen} onChange={choose} />
);
