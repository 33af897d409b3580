import type { Style } from '../terminal.ts';

/** One column of a table: numbers stand at the right, so that their digits can be compared. */
export interface Column<Row> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  readonly cell: (row: Row) => string;
  /** Emphasis of a cell, after it was padded: escape codes have no width. */
  readonly paint?: (text: string, row: Row) => string;
}

const GAP = '  ';

/** Control characters in foreign names would move the cursor of whoever reads them. */
export const printable = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (found) => `\\x${found.charCodeAt(0).toString(16).padStart(2, '0')}`);

const pad = (text: string, width: number, align: 'left' | 'right'): string =>
  align === 'right' ? text.padStart(width) : text.padEnd(width);

/** An aligned table with a heading line; '' for no rows. Lines have no blanks at their end. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], style: Style): string {
  if (rows.length === 0) return '';
  const cells = rows.map((row) => columns.map((column) => printable(column.cell(row))));
  const widths = columns.map((column, at) =>
    Math.max(column.title.length, ...cells.map((line) => line[at]?.length ?? 0)),
  );
  const line = (texts: readonly string[], paint: (text: string, at: number) => string): string =>
    texts
      .map((text, at) => {
        const padded = pad(text, widths[at] ?? 0, columns[at]?.align ?? 'left');
        return paint(at === texts.length - 1 ? padded.trimEnd() : padded, at);
      })
      .join(GAP)
      .trimEnd();
  const head = line(
    columns.map((column) => column.title),
    (text) => style.dim(text),
  );
  const body = rows.map((row, i) => line(cells[i] ?? [], (text, at) => columns[at]?.paint?.(text, row) ?? text));
  return `${[head, ...body].join('\n')}\n`;
}

/** Facts under a headline: labels of one width, values beside them; a fact without value is left out. */
export function facts(pairs: readonly (readonly [label: string, value: string | null])[], style: Style): string {
  const told = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== null);
  const width = Math.max(0, ...told.map(([label]) => label.length));
  return told.map(([label, value]) => `  ${style.dim(label.padEnd(width))}  ${printable(value)}\n`).join('');
}
