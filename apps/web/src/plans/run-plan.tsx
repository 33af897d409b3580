import { Radio, Stack, Text } from '@mantine/core';
import { Play } from 'lucide-react';
import { useState } from 'react';
import type { BackupType } from '@milvault/shared';
import { actions } from '../api/actions.ts';
import { useText } from '../text/language.ts';
import { useToldRun } from '../toasts/use-told.ts';
import { DialogButton } from '../ui/dialog-button.tsx';
import { Name } from '../ui/words.tsx';

interface RunPlanProps {
  readonly plan: string;
  /** What is due next, where something is. */
  readonly usual: BackupType;
}

/** Takes the backup of a plan now, beside its schedule. */
export default function RunPlan({ plan, usual }: RunPlanProps) {
  const text = useText();
  const told = useToldRun();
  const [type, setType] = useState<BackupType | null>(null);
  const chosen = type ?? usual;
  const choices: readonly (readonly [BackupType, string])[] = [
    ['full', text.acts.runFull],
    ['incremental', text.acts.runIncremental],
  ];
  return (
    <DialogButton
      may="operate"
      label={text.acts.runNow}
      icon={Play}
      title={text.acts.runAsk}
      act={() => actions.runPlan(plan, chosen)}
      onDone={told}
    >
      <Text size="sm" component="div">
        <strong>
          <Name>{plan}</Name>
        </strong>
        {': '}
        {text.acts.runAbout}
      </Text>
      <Radio.Group aria-label={text.backups.type} value={chosen} onChange={(value) => setType(value as BackupType)}>
        <Stack gap="xs">
          {choices.map(([value, label]) => (
            <Radio key={value} value={value} label={label} {...(value === chosen ? { 'data-autofocus': true } : {})} />
          ))}
        </Stack>
      </Radio.Group>
    </DialogButton>
  );
}
