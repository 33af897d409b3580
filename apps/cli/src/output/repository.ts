import {
  formatBytes,
  formatCount,
  formatDuration,
  type Damage,
  type ErrorRecord,
  type RepositoryView,
  type VerifyReport,
} from '@milvault/shared';
import type { Style } from '../terminal.ts';
import { facts, table } from './table.ts';
import { damagesText } from './reports.ts';
import { counted } from './text.ts';

export function repositoryText(repository: RepositoryView, style: Style): string {
  const { space } = repository;
  return [
    `${style.bold(`Repository ${repository.name}`)}\n`,
    facts(
      [
        ['id', repository.id],
        ['place', repository.place],
        ['backups', formatCount(repository.backups)],
        ['rows', formatCount(repository.rows)],
        ['size', formatBytes(repository.bytes)],
        ['free', space === null ? null : `${formatBytes(space.free)} of ${formatBytes(space.total)}`],
      ],
      style,
    ),
    damagesText(repository.damages, style),
  ].join('');
}

/** One backup of a repository that was checked. `unknown` where it could not be read through, or the check failed. */
export interface Checked {
  readonly backup: string;
  readonly name: string;
  readonly result: VerifyReport['result'];
  readonly report: VerifyReport | null;
  readonly error: ErrorRecord | null;
}

const finding = ({ report, error }: Checked): string => {
  if (error !== null) return `${error.code}: ${error.message}`;
  const first = report?.damages[0];
  if (first === undefined) return '';
  const more = (report?.damages.length ?? 0) - 1;
  return `${first.code} ${first.object}${more === 0 ? '' : `, and ${counted(more, 'more fault')}`}`;
};

export function checkText(checked: readonly Checked[], damages: readonly Damage[], style: Style): string {
  if (checked.length === 0 && damages.length === 0) return 'There is no backup in this repository.\n';
  const well = checked.filter(({ result }) => result === 'ok').length;
  const bad = [
    ...(well === checked.length
      ? []
      : [`${formatCount(checked.length - well)} of ${counted(checked.length, 'backup')} not whole`]),
    ...(damages.length === 0 ? [] : ['records of the repository are damaged, which may hide backups']),
  ];
  const head =
    bad.length === 0
      ? `${style.good('ok')} ${style.bold(`${counted(checked.length, 'backup')}, no fault found`)}`
      : `${style.bad('NOT WELL')} ${style.bold(bad.join('; '))}`;
  const paint = (text: string, { result }: Checked): string =>
    ({ ok: style.good, damaged: style.bad, unknown: style.doubtful })[result](text);
  const rows = table(
    [
      { title: 'ID', cell: (one) => one.backup },
      { title: 'NAME', cell: (one) => one.name },
      { title: 'RESULT', cell: (one) => one.result, paint },
      { title: 'ROWS', align: 'right', cell: ({ report }) => (report === null ? '-' : formatCount(report.rows)) },
      {
        title: 'TOOK',
        align: 'right',
        cell: ({ report }) => (report === null ? '-' : formatDuration(report.durationMs)),
      },
      { title: 'FINDING', cell: finding },
    ],
    checked,
    style,
  );
  return `${rows}${damagesText(damages, style)}\n${head}\n`;
}
