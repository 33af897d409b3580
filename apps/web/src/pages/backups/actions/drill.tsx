import { Select, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { FlaskConical } from 'lucide-react';
import { useState } from 'react';
import type { Backup } from '@milvault/shared';
import { actions } from '../../../api/actions.ts';
import { queries } from '../../../api/queries.ts';
import { useText } from '../../../text/language.ts';
import { useToldRun } from '../../../toasts/use-told.ts';
import { DialogButton } from '../../../ui/dialog-button.tsx';

export function DrillBackup({ backup }: { readonly backup: Backup }) {
  const text = useText();
  const told = useToldRun();
  const { data } = useQuery(queries.sources());
  const [target, setTarget] = useState<string | null>(null);
  return (
    <DialogButton
      may="operate"
      label={text.acts.drill}
      icon={FlaskConical}
      title={text.acts.drillAsk}
      act={() => actions.drill(backup, target)}
      onDone={told}
    >
      <Text size="sm">{text.acts.drillAbout}</Text>
      <Select
        label={text.acts.drillWhere}
        placeholder={text.acts.drillOwn}
        clearable
        clearButtonProps={{ 'aria-label': text.backups.clear }}
        data={(data?.sources ?? []).map(({ name }) => name)}
        value={target}
        onChange={setTarget}
      />
    </DialogButton>
  );
}
