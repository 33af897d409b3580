import { Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useLocation } from 'wouter';
import type { Backup } from '@milvault/shared';
import { actions } from '../../../api/actions.ts';
import { useFormat, useText } from '../../../text/language.ts';
import { tellDone } from '../../../toasts/toasts.tsx';
import { DialogButton } from '../../../ui/dialog-button.tsx';
import { Facts } from '../../../ui/page.tsx';
import { Instant, Name } from '../../../ui/words.tsx';
import { figuresOf } from '../figures.ts';
import { removalOf } from './going.ts';

/** The API refuses to delete what is needed, and says what needs it: that stands in the dialog then. */
export function DeleteBackup({ backup }: { readonly backup: Backup }) {
  const text = useText();
  const format = useFormat();
  const client = useQueryClient();
  const [, go] = useLocation();
  const { rows, own } = figuresOf(backup);
  return (
    <DialogButton
      may="administer"
      label={text.acts.remove}
      icon={Trash2}
      title={text.acts.removeAsk}
      keep={text.acts.removeKeep}
      danger
      mutationKey={removalOf(backup.id)}
      act={async () => {
        await client.cancelQueries({ queryKey: ['backup', backup.id] });
        return actions.removeBackup(backup);
      }}
      onDone={({ name }) => {
        go('/backups');
        // This page is still there when everything is read anew; what is gone must not be asked for.
        client.removeQueries({ queryKey: ['backup', backup.id] });
        tellDone(text.acts.removed(name));
      }}
    >
      <Text size="sm">{backup.tool === undefined ? text.acts.removeAbout : text.acts.removeAtTool}</Text>
      <Text fw={600}>
        <Name>{backup.name}</Name>
      </Text>
      <Facts
        facts={[
          { label: text.backups.taken, value: <Instant at={backup.committedAt} /> },
          { label: text.backups.rows, value: format.count(rows) },
          { label: text.backups.own, value: format.bytes(own) },
        ]}
      />
    </DialogButton>
  );
}
