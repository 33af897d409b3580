import { notifications } from '@mantine/notifications';
import type { QueryClient } from '@tanstack/react-query';
import type { Run } from '@milvault/shared';
import { queries } from '../api/queries.ts';
import { RunToast } from './run-toast.tsx';
import { ToastText } from './toast-text.tsx';

const SHOWN_MS = 6_000;

/** Says what was done, for as long as it takes to read. */
export const tellDone = (said: string): void => {
  notifications.show({
    autoClose: SHOWN_MS,
    withBorder: true,
    withCloseButton: false,
    message: <ToastText>{said}</ToastText>,
  });
};

/** Follows a run until its end, on whatever page its starter goes on to. */
export function tellRun(run: Run, client: QueryClient, close: string): void {
  client.setQueryData(queries.run(run.id).queryKey, run);
  notifications.show({
    id: run.id,
    autoClose: false,
    withBorder: true,
    closeButtonProps: { 'aria-label': close },
    message: <RunToast run={run.id} />,
  });
}
