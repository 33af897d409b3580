import {
  formatBytes,
  formatCount,
  formatDuration,
  type Damage,
  type DrillReport,
  type RestoreReport,
  type VerifyReport,
} from '@milvault/shared';
import type { Style } from '../terminal.ts';
import { facts, printable, table } from './table.ts';
import { collectionName, counted, instant, warningsText } from './text.ts';

const LEVELS = ['structure', 'sizes', 'stored hashes', 'every row decoded and counted'];

/** What stands behind each verdict of a check; all but `ok` end with exit code 1. */
const VERDICTS: Record<VerifyReport['result'], string> = {
  ok: 'No fault was found',
  damaged: 'The backup is damaged',
  unknown: 'The backup could not be read through: nothing is known of its state',
};

export function verifyText(report: VerifyReport, style: Style): string {
  const verdict = report.result === 'ok' && report.level === 3 ? 'The backup is whole' : VERDICTS[report.result];
  const paint = { ok: style.good, damaged: style.bad, unknown: style.doubtful }[report.result];
  return [
    `${paint(report.result)} ${style.bold(verdict)}\n`,
    facts(
      [
        ['backup', report.backup],
        ['level', `${String(report.level)}: ${LEVELS[report.level] ?? ''}`],
        [
          'rows',
          report.level >= 3 ? `${formatCount(report.rows)} counted` : `${formatCount(report.rows)} by the index`,
        ],
        ['chunks', formatCount(report.chunks)],
        ['read', report.bytes === 0 ? null : formatBytes(report.bytes)],
        ['took', formatDuration(report.durationMs)],
      ],
      style,
    ),
    damagesText(report.damages, style),
  ].join('');
}

/** Every fault with all that is known of it; '' for none. */
export const damagesText = (damages: readonly Damage[], style: Style): string =>
  damages.length === 0 ? '' : `\n${style.bad(counted(damages.length, 'fault'))}\n${damages.map(damageLine).join('')}`;

/** `OBJECT_DAMAGED films, partition _default, keys 1 to 900, 900 rows: <message>`. */
function damageLine(damage: Damage): string {
  const where = [
    damage.collection === undefined
      ? damage.object
      : collectionName({ database: damage.database ?? 'default', collection: damage.collection }),
    damage.partition === undefined ? null : `partition ${damage.partition}`,
    damage.keyMin === undefined ? null : `keys ${damage.keyMin} to ${damage.keyMax ?? '?'}`,
    damage.rows === undefined ? null : counted(damage.rows, 'row'),
  ].filter((part) => part !== null);
  return `  ${damage.code} ${printable(where.join(', '))}: ${printable(damage.message)}\n`;
}

const restoredTable = (report: RestoreReport, style: Style): string =>
  table(
    [
      { title: '  COLLECTION', cell: (one) => `  ${collectionName(one)}` },
      {
        title: 'RESTORED AS',
        cell: (one) => collectionName({ database: one.targetDatabase, collection: one.targetCollection }),
      },
      { title: 'EXPECTED', align: 'right', cell: (one) => formatCount(one.rowsExpected) },
      { title: 'RESTORED', align: 'right', cell: (one) => formatCount(one.rowsRestored) },
      {
        title: 'CONTENT',
        cell: (one) => (one.contentEqual ? 'equal' : 'NOT EQUAL'),
        paint: (text, one) => (one.contentEqual ? style.good(text) : style.bad(text)),
      },
    ],
    report.collections,
    style,
  );

/** True only when each collection came back whole: what exit code 0 of a restore means. */
export const restoredWhole = (report: RestoreReport): boolean =>
  lostOf(report).length === 0 &&
  report.collections.every((one) => one.contentEqual && one.rowsRestored === one.rowsExpected);

const reportFacts = (report: RestoreReport, style: Style, searched: number | null): string =>
  facts(
    [
      ['backup', report.backup],
      ['target', report.target],
      ['rows', formatCount(report.rows)],
      ['size', formatBytes(report.bytes)],
      ['searched', searched === null ? null : `${counted(searched, 'stored vector')}, each with an answer`],
      ['took', formatDuration(report.durationMs)],
      ['at', instant(report.at)],
    ],
    style,
  );

const lostOf = ({ lost }: RestoreReport): readonly Damage[] => lost ?? [];

export function restoreText(report: RestoreReport, style: Style): string {
  const body = `${reportFacts(report, style, null)}\n${restoredTable(report, style)}${damagesText(lostOf(report), style)}`;
  return `${restoreHead(report, style)}\n${body}${warningsText(report.warnings, style)}`;
}

function restoreHead(report: RestoreReport, style: Style): string {
  const lost = lostOf(report);
  if (lost.length > 0) {
    const rows = lost.reduce((sum, one) => sum + (one.rows ?? 0), 0);
    const text = `${counted(rows, 'row')} of the backup are lost; what is left was read back and is equal`;
    return `${style.bad('INCOMPLETE')} ${style.bold(text)}`;
  }
  return restoredWhole(report)
    ? `${style.good('restored')} ${style.bold(`${counted(report.collections.length, 'collection')}, each read back and equal`)}`
    : `${style.bad('NOT EQUAL')} ${style.bold('What was restored is not what the backup holds')}`;
}

export function drillText(report: DrillReport, style: Style): string {
  const head =
    report.result === 'ok'
      ? `${style.good('ok')} ${style.bold('The backup was restored on trial, compared row by row, searched and dropped again')}`
      : `${style.bad('FAILED')} ${style.bold('The trial restore does not equal the backup')}`;
  return `${head}\n${reportFacts(report, style, report.searched)}\n${restoredTable(report, style)}${warningsText(report.warnings, style)}`;
}
