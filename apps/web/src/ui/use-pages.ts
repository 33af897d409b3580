import { keepPreviousData, useQueries } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { List } from '../api/client.ts';

export const PAGE_ROWS = 100;

/** How one page of a list is read. */
export type PageSource<Row> = (page: { readonly offset: number; readonly limit: number }) => {
  readonly queryKey: readonly unknown[];
  readonly queryFn: (context: { readonly signal: AbortSignal }) => Promise<List<Row>>;
};

/** A list as long as the API says, of which only the pages that are looked at are read. */
export interface PagedRows<Row> {
  readonly total: number;
  /** Undefined while its page is read. */
  at(index: number): Row | undefined;
  /** Says which rows are looked at. */
  show(first: number, last: number): void;
  readonly error: Error | null;
  /** True until the first answer. */
  readonly pending: boolean;
  refetch(): void;
}

export function usePages<Row>(source: PageSource<Row>): PagedRows<Row> {
  const [range, setRange] = useState({ from: 0, to: 0 });
  const pages = Array.from({ length: range.to - range.from + 1 }, (_, place) => range.from + place);
  const results = useQueries({
    queries: pages.map((page) => ({
      ...source({ offset: page * PAGE_ROWS, limit: PAGE_ROWS }),
      // Another order or filter of the same list shows when it is there, instead of an empty table in between.
      placeholderData: keepPreviousData,
    })),
  });
  const show = useCallback((first: number, last: number) => {
    const next = { from: Math.floor(first / PAGE_ROWS), to: Math.floor(last / PAGE_ROWS) };
    setRange((known) => (known.from === next.from && known.to === next.to ? known : next));
  }, []);
  const known = results.find(({ data }) => data !== undefined)?.data;
  return {
    total: known?.total ?? 0,
    at: (index) => results[Math.floor(index / PAGE_ROWS) - range.from]?.data?.rows[index % PAGE_ROWS],
    show,
    error: results.find(({ error }) => error !== null)?.error ?? null,
    pending: known === undefined,
    refetch: () => {
      for (const result of results) void result.refetch();
    },
  };
}
