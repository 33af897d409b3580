import { formatDuration, type ProbeReport } from '@milvault/shared';
import type { Style } from '../terminal.ts';
import { facts, table } from './table.ts';

type Finding = ProbeReport['findings'][number];

export function probeText(report: ProbeReport, style: Style): string {
  const head = report.safe
    ? `${style.good('ok')} ${style.bold('This store keeps what backups stand on')}`
    : `${style.bad('NOT SAFE')} ${style.bold('This store breaks a promise that backups stand on')}`;
  const paint = (text: string, { result }: Finding): string =>
    ({ ok: style.good, skipped: style.dim, weak: style.doubtful, failed: style.bad })[result](text);
  const rows = table<Finding>(
    [
      { title: 'PROMISE', cell: ({ name }) => name },
      { title: 'RESULT', cell: ({ result }) => result, paint },
      { title: 'SEEN', cell: ({ detail }) => detail },
    ],
    report.findings,
    style,
  );
  const where = facts(
    [
      ['place', report.place],
      ['took', formatDuration(report.durationMs)],
    ],
    style,
  );
  return `${head}\n${where}\n${rows}`;
}
