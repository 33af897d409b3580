import { Button, Group, Modal, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ban } from 'lucide-react';
import type { Run } from '@milvault/shared';
import { part, post } from '../../api/client.ts';
import { useText } from '../../text/language.ts';
import { Problem, troubleOf } from '../../ui/problem.tsx';

/** What may be done with a run: one that goes on can be stopped. */
export function RunActions({ run }: { readonly run: Run }) {
  return run.endedAt === null ? <CancelRun run={run} /> : null;
}

function CancelRun({ run }: { readonly run: Run }) {
  const text = useText();
  const client = useQueryClient();
  const [opened, { open, close }] = useDisclosure(false);
  const cancel = useMutation({
    mutationFn: () => post<Run>(`/runs/${part(run.id)}/cancel`),
    onSuccess: (stopped) => {
      client.setQueryData(['run', run.id], stopped);
      close();
    },
  });
  return (
    <>
      <Button variant="default" leftSection={<Ban size={16} aria-hidden />} onClick={open}>
        {text.runs.cancel}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={text.runs.cancelAsk}
        centered
        closeButtonProps={{ 'aria-label': text.common.close }}
      >
        <Text size="sm">{text.runs.cancelAbout}</Text>
        {cancel.error === null ? null : <Problem trouble={troubleOf(cancel.error)} />}
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={close} data-autofocus>
            {text.runs.keep}
          </Button>
          <Button color="red" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            {text.runs.cancel}
          </Button>
        </Group>
      </Modal>
    </>
  );
}
