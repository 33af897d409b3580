import { Anchor } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link } from 'wouter';
import { queries } from '../api/queries.ts';
import { after } from '../clock.ts';
import { useText } from '../text/language.ts';
import { ProgressLine } from '../ui/progress.tsx';
import { RunTag } from '../ui/tag.tsx';
import { ToastText } from './toast-text.tsx';
import css from './toasts.module.css';

const SHOWN_MS = 8_000;

/** A run from its start to its end. One that went well goes by itself; one that failed stays until it was seen. */
export function RunToast({ run: id }: { readonly run: string }) {
  const text = useText();
  const { data: run } = useQuery(queries.run(id));
  const well = run?.state === 'succeeded' || run?.state === 'cancelled';
  useEffect(() => (well ? after(SHOWN_MS, () => notifications.hide(id)) : undefined), [well, id]);
  if (run === undefined) return null;
  return (
    <ToastText>
      <div className={css['head']}>
        <Anchor component={Link} href={`/runs/${encodeURIComponent(id)}`} fw={600} underline="always" inherit>
          {text.runs.kinds[run.kind]}
        </Anchor>
        <RunTag state={run.state} />
      </div>
      <div className={css['below']}>
        <ProgressLine run={run} />
      </div>
    </ToastText>
  );
}
