import { useQueryClient } from '@tanstack/react-query';
import type { Run } from '@milvault/shared';
import { useText } from '../text/language.ts';
import { tellRun } from './toasts.tsx';

/** What is to be done with a run that was just started: it is followed in a toast. */
export function useToldRun(): (run: Run) => void {
  const text = useText();
  const client = useQueryClient();
  return (run) => tellRun(run, client, text.common.close);
}
