import { Text } from '@mantine/core';
import { Ban, RotateCcw } from 'lucide-react';
import { useLocation } from 'wouter';
import type { Run } from '@milvault/shared';
import { actions } from '../../api/actions.ts';
import { useText } from '../../text/language.ts';
import { useToldRun } from '../../toasts/use-told.ts';
import { DialogButton } from '../../ui/dialog-button.tsx';

/** What did not end well may be tried again as it was asked for. A restore that did would only meet its own names. */
const RETRIED: readonly Run['state'][] = ['failed', 'cancelled', 'skipped'];

/** What may be done with a run: one that goes on can be stopped, one that did not end well can be done again. */
export function RunActions({ run }: { readonly run: Run }) {
  if (run.endedAt === null) return <CancelRun run={run} />;
  return RETRIED.includes(run.state) ? <RetryRun run={run} /> : null;
}

function CancelRun({ run }: { readonly run: Run }) {
  const text = useText();
  const told = useToldRun();
  return (
    <DialogButton
      may="operate"
      label={text.runs.cancel}
      icon={Ban}
      title={text.runs.cancelAsk}
      keep={text.runs.keep}
      danger
      act={() => actions.cancel(run.id)}
      onDone={told}
    >
      <Text size="sm">{text.runs.cancelAbout}</Text>
    </DialogButton>
  );
}

function RetryRun({ run }: { readonly run: Run }) {
  const text = useText();
  const told = useToldRun();
  const [, go] = useLocation();
  return (
    <DialogButton
      may="operate"
      label={text.runs.retry}
      icon={RotateCcw}
      title={text.runs.retryAsk}
      act={() => actions.retry(run.id)}
      onDone={(again) => {
        told(again);
        go(`/runs/${encodeURIComponent(again.id)}`);
      }}
    >
      <Text size="sm">{text.runs.retryAbout}</Text>
    </DialogButton>
  );
}
