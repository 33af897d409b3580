import { Radio, Stack, Text } from '@mantine/core';
import { ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import type { Backup } from '@milvault/shared';
import { actions } from '../../../api/actions.ts';
import { useText } from '../../../text/language.ts';
import { useToldRun } from '../../../toasts/use-told.ts';
import { DialogButton } from '../../../ui/dialog-button.tsx';

const LEVELS = [0, 1, 2, 3] as const;
const USUAL = 2;

export function CheckBackup({ backup }: { readonly backup: Backup }) {
  const text = useText();
  const told = useToldRun();
  const [level, setLevel] = useState(USUAL);
  return (
    <DialogButton
      may="operate"
      label={text.acts.check}
      icon={ShieldCheck}
      title={text.acts.checkAsk}
      act={() => actions.verify(backup, level)}
      onDone={told}
    >
      <Text size="sm">{text.acts.checkAbout}</Text>
      <Radio.Group
        aria-label={text.acts.checkLevel}
        value={String(level)}
        onChange={(value) => setLevel(Number(value))}
      >
        <Stack gap="xs">
          {LEVELS.map((one) => (
            <Radio
              key={one}
              value={String(one)}
              label={text.acts.levels[one]}
              {...(one === level ? { 'data-autofocus': true } : {})}
            />
          ))}
        </Stack>
      </Radio.Group>
    </DialogButton>
  );
}
