import { formatBytes, formatCount, formatDuration, type Run } from '@milvault/shared';
import type { Style } from '../terminal.ts';
import { faultOfRun, faultText } from './error.ts';
import { facts, table } from './table.ts';
import { instant, minute } from './text.ts';

const duration = (run: Run): string =>
  run.startedAt === null || run.endedAt === null ? '-' : formatDuration(run.endedAt - run.startedAt);

const paintState = (style: Style) => (text: string, run: Run) => {
  if (run.state === 'failed') return style.bad(text);
  if (run.state === 'succeeded') return style.good(text);
  return run.state === 'running' || run.state === 'queued' ? text : style.doubtful(text);
};

export function runTable(runs: readonly Run[], total: number, style: Style): string {
  if (runs.length === 0) return 'There is no such run.\n';
  const rows = table(
    [
      { title: 'ID', cell: (run) => run.id },
      { title: 'KIND', cell: (run) => run.kind },
      { title: 'STATE', cell: (run) => run.state, paint: paintState(style) },
      { title: 'PLAN', cell: (run) => run.plan ?? '-' },
      { title: 'ROWS', align: 'right', cell: (run) => formatCount(run.progress.rows) },
      { title: 'QUEUED (UTC)', cell: (run) => minute(run.queuedAt) },
      { title: 'TOOK', align: 'right', cell: duration },
      { title: 'ERROR', cell: (run) => run.error?.code ?? '' },
    ],
    runs,
    style,
  );
  return runs.length < total
    ? `${rows}${formatCount(runs.length)} of ${formatCount(total)} runs: see --limit and --offset\n`
    : rows;
}

export function runText(run: Run, style: Style): string {
  const { progress } = run;
  const rows =
    progress.rowsTotal > 0
      ? `${formatCount(progress.rows)} of ${formatCount(progress.rowsTotal)}`
      : formatCount(progress.rows);
  return [
    `${style.bold(`Run ${run.id}`)}\n`,
    facts(
      [
        ['kind', run.kind],
        ['state', run.state],
        ['phase', run.state === 'running' ? progress.phase : null],
        ['plan', run.plan],
        ['asked by', run.trigger],
        ['request', JSON.stringify(run.request)],
        ['queued', instant(run.queuedAt)],
        ['started', run.startedAt === null ? null : instant(run.startedAt)],
        ['ended', run.endedAt === null ? null : `${instant(run.endedAt)}, after ${duration(run)}`],
        ['attempts', String(run.attempts)],
        ['parts', progress.partsTotal === 0 ? null : `${String(progress.partsDone)} of ${String(progress.partsTotal)}`],
        ['rows', rows],
        ['bytes', formatBytes(progress.bytes)],
      ],
      style,
    ),
    run.error === null ? '' : `\n${faultText(faultOfRun(run.error), style)}`,
  ].join('');
}
