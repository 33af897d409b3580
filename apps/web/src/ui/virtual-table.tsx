import { Skeleton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useEffect, useRef, type CSSProperties, type ReactNode } from 'react';
import type { PagedRows } from './use-pages.ts';
import css from './virtual-table.module.css';

export interface Column<Row> {
  readonly key: string;
  readonly header: string;
  /** A track of CSS grid. */
  readonly width: string;
  readonly end?: boolean;
  /** The API's name of the order by this column. */
  readonly sort?: string;
  readonly cell: (row: Row) => ReactNode;
}

interface TableProps<Row> {
  readonly label: string;
  readonly rows: PagedRows<Row>;
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  /** One row where there is no room for columns. */
  readonly card: (row: Row) => ReactNode;
  /** `rows`, or `-rows` from the largest. */
  readonly sort?: string;
  readonly onSort?: (sort: string) => void;
}

const ROW_PX = 46;
const CARD_PX = 92;
const OVERSCAN = 8;

/** A table of any length: only the rows in sight are in the page, and only their pages are read. */
export function VirtualTable<Row>(props: TableProps<Row>) {
  const { rows, label, columns } = props;
  const narrow = useMediaQuery('(max-width: 48em)', window.innerWidth < 768) === true;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.total,
    getScrollElement: () => scroller.current,
    estimateSize: () => (narrow ? CARD_PX : ROW_PX),
    overscan: OVERSCAN,
  });
  const items = virtual.getVirtualItems();
  const { show } = rows;
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  useEffect(() => show(first, last), [show, first, last]);
  const style = { '--columns': columns.map(({ width }) => width).join(' ') } as CSSProperties;
  const body = (
    <div role={narrow ? 'presentation' : 'rowgroup'} className={css['body']} style={{ height: virtual.getTotalSize() }}>
      {items.map(({ index, start, size }) => (
        <Line
          key={index}
          {...props}
          narrow={narrow}
          index={index}
          place={{ height: size, transform: `translateY(${start}px)` }}
        />
      ))}
    </div>
  );
  if (narrow) {
    return (
      <div ref={scroller} className={css['table']} role="list" aria-label={label} tabIndex={0}>
        {body}
      </div>
    );
  }
  return (
    <div
      ref={scroller}
      className={css['table']}
      role="table"
      aria-label={label}
      aria-rowcount={rows.total + 1}
      style={style}
      tabIndex={0}
    >
      <div role="rowgroup" className={css['head']}>
        <div role="row" aria-rowindex={1} className={`${css['row'] ?? ''} ${css['headRow'] ?? ''}`}>
          {columns.map((column) => (
            <Header key={column.key} column={column} {...props} />
          ))}
        </div>
      </div>
      {body}
    </div>
  );
}

interface LineProps<Row> extends TableProps<Row> {
  readonly index: number;
  readonly narrow: boolean;
  readonly place: CSSProperties;
}

function Line<Row>({ rows, columns, card, index, narrow, place }: LineProps<Row>) {
  const row = rows.at(index);
  if (narrow) {
    return (
      <div role="listitem" className={css['card']} style={place}>
        {row === undefined ? <Skeleton height={20} /> : card(row)}
      </div>
    );
  }
  return (
    <div role="row" aria-rowindex={index + 2} className={css['row']} style={place}>
      {columns.map((column) => (
        <div key={column.key} role="cell" className={column.end === true ? css['end'] : undefined}>
          {row === undefined ? <Skeleton height={14} /> : column.cell(row)}
        </div>
      ))}
    </div>
  );
}

function Header<Row>({
  column,
  sort,
  onSort,
}: Pick<TableProps<Row>, 'sort' | 'onSort'> & { readonly column: Column<Row> }) {
  const by = column.sort;
  const className = column.end === true ? css['end'] : undefined;
  if (by === undefined || onSort === undefined) {
    return (
      <div role="columnheader" className={className}>
        {column.header}
      </div>
    );
  }
  const down = sort === `-${by}`;
  const up = sort === by;
  return (
    <div role="columnheader" className={className} aria-sort={down ? 'descending' : up ? 'ascending' : 'none'}>
      <button type="button" className={css['sort']} data-on={up || down} onClick={() => onSort(down ? by : `-${by}`)}>
        {column.header}
        {down ? <ArrowDown size={13} aria-hidden /> : up ? <ArrowUp size={13} aria-hidden /> : null}
      </button>
    </div>
  );
}
