import { Progress } from '@mantine/core';
import type { Run } from '@milvault/shared';
import { useFormat, useText } from '../../text/language.ts';
import css from './runs.module.css';

/** How far a run is, in percent; null where that is not known. */
export function shareDone({
  progress: { rows, rowsTotal, partsDone, partsTotal },
}: Pick<Run, 'progress'>): number | null {
  if (rowsTotal > 0) return Math.min(100, (rows / rowsTotal) * 100);
  return partsTotal > 0 ? (partsDone / partsTotal) * 100 : null;
}

/** A bar while a run goes on, and afterwards what came of it. */
export function ProgressLine({ run }: { readonly run: Run }) {
  const text = useText();
  const format = useFormat();
  if (run.error !== null) return <span title={run.error.message}>{run.error.message}</span>;
  const { rows, rowsTotal } = run.progress;
  if (run.state !== 'running') return rows > 0 ? text.runs.rowsOnly(format.count(rows)) : '';
  return (
    <span className={css['line']}>
      <Bar run={run} />
      <span>{rowsTotal > 0 ? format.percent(rows / rowsTotal) : phaseName(run, text.runs.phases)}</span>
    </span>
  );
}

export const phaseName = (
  { progress: { phase } }: Pick<Run, 'progress'>,
  names: Readonly<Record<string, string>>,
): string => names[phase] ?? phase;

export function Bar({ run }: { readonly run: Run }) {
  const text = useText();
  const share = shareDone(run);
  return (
    <Progress.Root size="md" style={{ flex: 1 }}>
      <Progress.Section
        value={share ?? 100}
        animated={share === null}
        striped={share === null}
        aria-label={text.runs.progress}
        {...(share === null ? { 'aria-valuenow': undefined } : {})}
      />
    </Progress.Root>
  );
}
