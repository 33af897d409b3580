import { Text, TextInput } from '@mantine/core';
import { Lock, LockOpen } from 'lucide-react';
import { useState } from 'react';
import type { Backup } from '@milvault/shared';
import { actions } from '../../../api/actions.ts';
import { useText } from '../../../text/language.ts';
import { tellDone } from '../../../toasts/toasts.tsx';
import { DialogButton } from '../../../ui/dialog-button.tsx';
import { Name } from '../../../ui/words.tsx';

const LONGEST = 1024;

export function HoldBackup({ backup }: { readonly backup: Backup }) {
  const text = useText();
  const [reason, setReason] = useState('');
  return (
    <DialogButton
      may="operate"
      label={text.acts.hold}
      icon={Lock}
      title={text.acts.holdAsk}
      act={() => actions.hold(backup, reason.trim() === '' ? null : reason.trim())}
      onDone={() => tellDone(text.acts.held(backup.name))}
    >
      <Text size="sm">{text.acts.holdAbout}</Text>
      <TextInput
        label={text.acts.holdReason}
        maxLength={LONGEST}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        data-autofocus
      />
    </DialogButton>
  );
}

export function ReleaseBackup({ backup }: { readonly backup: Backup }) {
  const text = useText();
  const reason = backup.hold?.reason ?? null;
  return (
    <DialogButton
      may="operate"
      label={text.acts.release}
      icon={LockOpen}
      title={text.acts.releaseAsk}
      act={() => actions.release(backup)}
      onDone={() => tellDone(text.acts.released(backup.name))}
    >
      <Text size="sm">{text.acts.releaseAbout}</Text>
      {reason === null ? null : (
        <Text size="sm" fw={600}>
          <Name>{reason}</Name>
        </Text>
      )}
    </DialogButton>
  );
}
