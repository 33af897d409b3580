import { Button, Group, Modal, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMay, type Ability } from '../api/may.ts';
import { useText } from '../text/language.ts';
import { Problem, troubleOf } from './problem.tsx';

interface DialogButtonProps<Answer> {
  /** What the person must be allowed to do; nothing is shown to others. */
  readonly may: Ability;
  readonly label: string;
  readonly icon: LucideIcon;
  readonly title: string;
  /** The question and its fields. */
  readonly children: ReactNode;
  /** Said on the button that does it; default: the label. */
  readonly confirm?: string;
  /** Said on the way out. */
  readonly keep?: string;
  /** What cannot be taken back. */
  readonly danger?: boolean;
  readonly primary?: boolean;
  /** Whether all fields are filled. */
  readonly ready?: boolean;
  readonly act: () => Promise<Answer>;
  /** By which `useIsMutating` sees it going on. */
  readonly mutationKey?: readonly string[];
  readonly onDone: (answer: Answer) => void;
}

/** Something that changes something: asked before it is done, refused with the reason, never done twice. */
export function DialogButton<Answer>(props: DialogButtonProps<Answer>) {
  const allowed = useMay(props.may);
  return allowed ? <Allowed {...props} /> : null;
}

function Allowed<Answer>(props: DialogButtonProps<Answer>) {
  const { label, icon: Icon, title, children, danger = false, primary = false, act, onDone, mutationKey } = props;
  const text = useText();
  const client = useQueryClient();
  const [opened, { open, close }] = useDisclosure(false);
  const doing = useMutation({
    mutationFn: act,
    ...(mutationKey === undefined ? {} : { mutationKey }),
    onSuccess: (answer) => {
      close();
      onDone(answer);
      // Live events say it too, unless their line is lost just now.
      void client.invalidateQueries();
    },
  });
  const ask = (): void => {
    doing.reset();
    open();
  };
  return (
    <>
      <Button
        variant={primary ? 'filled' : 'default'}
        leftSection={<Icon size={16} aria-hidden />}
        onClick={ask}
        {...(danger ? { c: 'var(--bad)' } : {})}
      >
        {label}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={title}
        centered
        closeButtonProps={{ 'aria-label': text.common.close }}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (!doing.isPending) doing.mutate();
          }}
        >
          <Stack gap="sm">
            {children}
            {doing.error === null ? null : <Problem trouble={troubleOf(doing.error)} />}
            <Answers {...props} close={close} pending={doing.isPending} />
          </Stack>
        </form>
      </Modal>
    </>
  );
}

type AnswersProps = Pick<DialogButtonProps<never>, 'label' | 'confirm' | 'keep' | 'danger' | 'ready'> & {
  readonly close: () => void;
  readonly pending: boolean;
};

/** The keyboard begins in the first field that asks for it, else on the way out. */
function Answers({ label, confirm = label, keep, danger = false, ready = true, close, pending }: AnswersProps) {
  const text = useText();
  return (
    <Group justify="flex-end" mt="xs">
      <Button variant="default" onClick={close} data-autofocus>
        {keep ?? text.common.cancel}
      </Button>
      <Button type="submit" loading={pending} disabled={!ready} {...(danger ? { color: 'red' } : {})}>
        {confirm}
      </Button>
    </Group>
  );
}
