import {
  formatBytes,
  formatCount,
  formatDuration,
  megabytesPerSecond,
  type Backup,
  type CollectionSummary,
  type Proof,
  type Unread,
} from '@milvault/shared';
import type { Style } from '../terminal.ts';
import { baseOf, chainText, changeColumns } from './chain.ts';
import { figuresOf } from './figures.ts';
import { paintProof, proofText } from './proofs.ts';
import { facts, printable, table, type Column } from './table.ts';
import { collectionName, counted, instant, minute, warningsText } from './text.ts';

export function backupTable(backups: readonly Backup[], style: Style): string {
  if (backups.length === 0) return 'There is no backup yet. Take one with `milvault backup create`.\n';
  return table(
    [
      { title: 'ID', cell: (backup) => backup.id },
      { title: 'NAME', cell: (backup) => backup.name },
      { title: 'TYPE', cell: (backup) => backup.type },
      { title: 'COLLECTIONS', align: 'right', cell: (backup) => formatCount(backup.collections.length) },
      { title: 'ROWS', align: 'right', cell: (backup) => figuresOf(backup).rows },
      { title: 'SIZE', align: 'right', cell: (backup) => figuresOf(backup).own },
      { title: 'TAKEN (UTC)', cell: (backup) => minute(backup.committedAt) },
      { title: 'CHECKED', cell: (backup) => proofText(backup.proofs), paint: paintProof(style) },
      { title: 'PLAN', cell: (backup) => backup.plan ?? '-' },
    ],
    backups,
    style,
  );
}

/** What a list does not show because it could not be read. */
export const unreadText = (unread: readonly Unread[], style: Style): string =>
  unread
    .map(({ repository, code, message }) => {
      const what = printable(`Repository ${repository} could not be read, and its backups are missing here`);
      return `\n${style.bad(what)}\n  ${code}: ${printable(message)}\n`;
    })
    .join('');

function collectionsTable(backup: Backup, style: Style): string {
  const figures = figuresOf(backup);
  return table<CollectionSummary>(
    [
      { title: '  COLLECTION', cell: (one) => `  ${collectionName(one)}` },
      { title: 'ROWS', align: 'right', cell: (one) => figures.collection(one).rows },
      { title: 'SIZE', align: 'right', cell: (one) => figures.collection(one).bytes },
      ...(backup.base === null ? [] : lendingColumns),
    ],
    backup.collections,
    style,
  );
}

/** What an incremental wrote itself, what it borrows, and what it found to have changed. */
const lendingColumns: readonly Column<CollectionSummary>[] = [
  { title: 'OWN', align: 'right', cell: (one) => formatBytes(one.ownBytes ?? one.bytes) },
  { title: 'BORROWED', align: 'right', cell: (one) => formatBytes(one.bytes - (one.ownBytes ?? one.bytes)) },
  ...changeColumns<CollectionSummary>(({ changes }) => changes ?? null),
];

/** What a person wants to know right after a backup was taken. */
export function createdText(backup: Backup, style: Style): string {
  const { rows, size, speed } = figuresOf(backup);
  const stored = speed(megabytesPerSecond(backup.bytes.own, backup.durationMs));
  return [
    `${style.good('complete')} ${style.bold(`Backup ${backup.name}`)}\n`,
    facts(
      [
        ['id', backup.id],
        ['type', backup.note === null ? backup.type : `${backup.type}: ${backup.note}`],
        ['source', `${backup.source.address}, Milvus ${backup.source.serverVersion}`],
        ['repository', backup.repository],
        ['rows', `${rows} in ${counted(backup.collections.length, 'collection')}`],
        ['size', size],
        ['took', `${formatDuration(backup.durationMs)}${stored}`],
        ['checked', proofText(backup.proofs)],
      ],
      style,
    ),
    warningsText(backup.warnings, style),
  ].join('');
}

/** Null where its data lies in the repository. */
const toolText = ({ tool }: Backup): string | null =>
  tool === undefined
    ? null
    : `the tool at ${tool.api}, as ${tool.name}${tool.adopted === true ? '; it was there before milvault' : ''}`;

/** Everything that is known of one backup, and where it stands among those that it was built on. */
export function backupText(backup: Backup, all: readonly Backup[], style: Style): string {
  const proofs = [...backup.proofs].sort((a, b) => a.level - b.level);
  const { rows, size } = figuresOf(backup);
  return [
    `${style.bold(`Backup ${backup.name}`)}\n`,
    facts(
      [
        ['id', backup.id],
        ['type', backup.type],
        ['note', backup.note],
        ['base', backup.base],
        ['base of', baseOf(backup, all)],
        ['engine', backup.engine],
        ['status', backup.status],
        ['consistency', backup.consistency],
        ['source', `${backup.source.address}, Milvus ${backup.source.serverVersion}`],
        ['repository', backup.repository],
        ['plan', backup.plan],
        ['started', instant(backup.startedAt)],
        ['complete', `${instant(backup.committedAt)}, after ${formatDuration(backup.durationMs)}`],
        ['rows', rows],
        ['size', size],
        ['kept by', toolText(backup)],
        ['checked', proofs.length === 0 ? 'not yet' : proofs.map(proofLine).join('; ')],
        ['on hold', holdText(backup)],
      ],
      style,
    ),
    backup.collections.length === 0 ? '' : `\n${collectionsTable(backup, style)}`,
    chainText(backup, all, style),
    warningsText(backup.warnings, style),
  ].join('');
}

const holdText = ({ hold }: Backup): string | null =>
  hold === undefined ? null : `since ${instant(hold.at)}${hold.reason === null ? '' : `: ${hold.reason}`}`;

const proofLine = ({ level, result, at, by }: Proof): string =>
  `level ${String(level)} ${result} on ${instant(at)}${by === undefined ? '' : `, by the word of ${by}`}`;
