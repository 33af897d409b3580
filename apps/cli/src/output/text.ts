import { formatCount, type Warning } from '@milvault/shared';
import type { Style } from '../terminal.ts';
import { printable } from './table.ts';

/** `2026-11-22 15:55:03 UTC`. */
export const instant = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** `2026-11-22 15:55`, under a heading that says UTC. */
export const minute = (at: number): string => instant(at).slice(0, 16);

/** `2026-11-22`, of UTC. */
export const day = (at: number): string => instant(at).slice(0, 10);

/** `1 row`, `3,201 rows`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

/** `films`, or `sales.films` outside of the default database. */
export const collectionName = (of: { readonly database: string; readonly collection: string }): string =>
  of.database === 'default' ? of.collection : `${of.database}.${of.collection}`;

/** Warnings come last, where they are still on the screen; '' for none. */
export function warningsText(warnings: readonly Warning[], style: Style): string {
  if (warnings.length === 0) return '';
  const lines = warnings.map((warning) => {
    const where =
      warning.collection === undefined
        ? ''
        : ` in ${collectionName({ database: warning.database ?? 'default', collection: warning.collection })}`;
    return `  ${warning.code}${printable(where)}: ${printable(warning.message)}\n`;
  });
  return `\n${style.doubtful(counted(warnings.length, 'warning'))}\n${lines.join('')}`;
}
