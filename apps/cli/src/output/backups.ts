import {
  formatBytes,
  formatCount,
  formatDuration,
  megabytesPerSecond,
  type Backup,
  type Proof,
} from '@milvault/shared';
import type { Style } from '../terminal.ts';
import { facts, table } from './table.ts';
import { collectionName, counted, instant, minute, warningsText } from './text.ts';

/** How far a backup is proved: the highest level that was checked, and damage before anything else. */
export function proofText(proofs: readonly Proof[]): string {
  const damaged = proofs.find((proof) => proof.result === 'damaged');
  if (damaged !== undefined) return `DAMAGED (level ${String(damaged.level)})`;
  const best = proofs.filter((proof) => proof.result === 'ok').sort((a, b) => b.level - a.level)[0];
  if (best !== undefined) return best.level === 4 ? 'drilled' : `level ${String(best.level)} ok`;
  return proofs.length === 0 ? 'not yet' : 'unknown';
}

const paintProof = (style: Style) => (text: string, backup: Backup) => {
  if (backup.proofs.some((proof) => proof.result === 'damaged')) return style.bad(text);
  return backup.proofs.some((proof) => proof.result === 'ok') ? style.good(text) : style.doubtful(text);
};

export function backupTable(backups: readonly Backup[], style: Style): string {
  if (backups.length === 0) return 'There is no backup yet. Take one with `milvault backup create`.\n';
  return table(
    [
      { title: 'ID', cell: (backup) => backup.id },
      { title: 'NAME', cell: (backup) => backup.name },
      { title: 'TYPE', cell: (backup) => backup.type },
      { title: 'COLLECTIONS', align: 'right', cell: (backup) => formatCount(backup.collections.length) },
      { title: 'ROWS', align: 'right', cell: (backup) => formatCount(backup.rows) },
      { title: 'SIZE', align: 'right', cell: (backup) => formatBytes(backup.bytes.own) },
      { title: 'TAKEN (UTC)', cell: (backup) => minute(backup.committedAt) },
      { title: 'CHECKED', cell: (backup) => proofText(backup.proofs), paint: paintProof(style) },
      { title: 'PLAN', cell: (backup) => backup.plan ?? '-' },
    ],
    backups,
    style,
  );
}

const collectionsTable = (backup: Backup, style: Style): string =>
  table(
    [
      { title: '  COLLECTION', cell: (one) => `  ${collectionName(one)}` },
      { title: 'ROWS', align: 'right', cell: (one) => formatCount(one.rows) },
      { title: 'SIZE', align: 'right', cell: (one) => formatBytes(one.bytes) },
    ],
    backup.collections,
    style,
  );

const sizeText = ({ own, total }: Backup['bytes']): string =>
  own === total ? formatBytes(own) : `${formatBytes(own)}, ${formatBytes(total)} with what it borrows`;

/** What a person wants to know right after a backup was taken. */
export function createdText(backup: Backup, style: Style): string {
  const speed = megabytesPerSecond(backup.bytes.own, backup.durationMs);
  return [
    `${style.good('complete')} ${style.bold(`Backup ${backup.name}`)}\n`,
    facts(
      [
        ['id', backup.id],
        ['type', backup.note === null ? backup.type : `${backup.type}: ${backup.note}`],
        ['source', `${backup.source.address}, Milvus ${backup.source.serverVersion}`],
        ['repository', backup.repository],
        ['rows', `${formatCount(backup.rows)} in ${counted(backup.collections.length, 'collection')}`],
        ['size', sizeText(backup.bytes)],
        ['took', `${formatDuration(backup.durationMs)}, ${speed.toFixed(1)} MB/s stored`],
        ['checked', proofText(backup.proofs)],
      ],
      style,
    ),
    warningsText(backup.warnings, style),
  ].join('');
}

/** Everything that is known of one backup. */
export function backupText(backup: Backup, style: Style): string {
  const proofs = [...backup.proofs].sort((a, b) => a.level - b.level);
  return [
    `${style.bold(`Backup ${backup.name}`)}\n`,
    facts(
      [
        ['id', backup.id],
        ['type', backup.type],
        ['note', backup.note],
        ['base', backup.base],
        ['engine', backup.engine],
        ['status', backup.status],
        ['consistency', backup.consistency],
        ['source', `${backup.source.address}, Milvus ${backup.source.serverVersion}`],
        ['repository', backup.repository],
        ['plan', backup.plan],
        ['started', instant(backup.startedAt)],
        ['complete', `${instant(backup.committedAt)}, after ${formatDuration(backup.durationMs)}`],
        ['rows', formatCount(backup.rows)],
        ['size', sizeText(backup.bytes)],
        ['checked', proofs.length === 0 ? 'not yet' : proofs.map(proofLine).join('; ')],
        ['on hold', holdText(backup)],
      ],
      style,
    ),
    backup.collections.length === 0 ? '' : `\n${collectionsTable(backup, style)}`,
    warningsText(backup.warnings, style),
  ].join('');
}

const holdText = ({ hold }: Backup): string | null =>
  hold === undefined ? null : `since ${instant(hold.at)}${hold.reason === null ? '' : `: ${hold.reason}`}`;

const proofLine = (proof: Proof): string => `level ${String(proof.level)} ${proof.result} on ${instant(proof.at)}`;
