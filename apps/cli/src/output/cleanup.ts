import type { CleanupReport } from '@milvault/repository';
import { formatCount } from '@milvault/shared';
import type { Style } from '../terminal.ts';
import { table } from './table.ts';
import { counted } from './text.ts';

interface Decision {
  readonly what: 'keep' | 'remove' | 'removed' | 'FAILED' | 'given up';
  readonly id: string;
  readonly reason: string;
}

export function cleanupText(report: CleanupReport, style: Style): string {
  const removed = report.dryRun ? 'remove' : 'removed';
  const decisions: Decision[] = [
    ...report.removed.map(({ id, reason }) => ({ what: removed, id, reason }) as const),
    ...report.abandoned.map(
      (id) => ({ what: 'given up', id, reason: 'an unfinished backup that nobody is taking' }) as const,
    ),
    ...report.failed.map(({ id, message }) => ({ what: 'FAILED', id, reason: message }) as const),
    ...report.kept.map(({ id, reason }) => ({ what: 'keep', id, reason }) as const),
  ];
  const rows = table(
    [
      {
        title: report.dryRun ? 'WOULD' : 'DONE',
        cell: ({ what }) => what,
        paint: (text, { what }) =>
          what === 'FAILED' ? style.bad(text) : what === 'keep' ? text : style.doubtful(text),
      },
      { title: 'BACKUP', cell: ({ id }) => id },
      { title: 'WHY', cell: ({ reason }) => reason },
    ],
    decisions,
    style,
  );
  const counts = [
    `${counted(report.removed.length, 'backup')} ${report.dryRun ? 'would be removed' : 'removed'}`,
    `${formatCount(report.kept.length)} kept`,
    ...(report.failed.length === 0 ? [] : [`${formatCount(report.failed.length)} FAILED`]),
    ...(report.orphans === 0
      ? []
      : [`${counted(report.orphans, 'stray file')} ${report.dryRun ? 'found' : 'removed'}`]),
  ];
  const guarded = report.guarded.map(
    ({ plan, wouldGo, of }) =>
      `${style.bad('STOPPED')} ${formatCount(wouldGo)} of ${formatCount(of)} backups ${
        plan === null ? 'taken by hand' : `of plan ${plan}`
      } would go at once, so all of them stay. If that is right: milvault prune --force\n`,
  );
  const mark = report.failed.length > 0 ? style.bad('FAILED') : guarded.length > 0 ? '' : `${style.good('ok')} `;
  const end = report.failed.length > 0 ? `${mark} ` : mark;
  return `${rows}${rows === '' ? '' : '\n'}${guarded.join('')}${end}${style.bold(counts.join(', '))}\n`;
}
